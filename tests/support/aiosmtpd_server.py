"""A mail server by other hands (aiosmtpd) for one test: STARTTLS and a login are required.

Usage: aiosmtpd_server.py CERTIFICATE_CHAIN PRIVATE_KEY USER PASSWORD
Prints {"port": N} once it listens, then one JSON object for each message. Ends when its standard input does,
and with status 77 at once where aiosmtpd is not installed.
"""

import asyncio
import base64
import json
import os
import ssl
import sys

try:
    from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
except ImportError:
    sys.exit(77)


def tell(what):
    print(json.dumps(what), flush=True)


class Recorder:
    async def handle_DATA(self, server, session, envelope):
        tell(
            {
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "encrypted": session.ssl is not None,
                "authenticated": session.authenticated,
                "raw": base64.b64encode(envelope.original_content).decode("ascii"),
            }
        )
        return "250 2.0.0 recorded"


async def main():
    chain, key, user, password = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    expected = LoginPassword(os.fsencode(user), os.fsencode(password))

    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=data == expected, handled=False)

    def session():
        return SMTP(
            Recorder(),
            tls_context=context,
            require_starttls=True,
            authenticator=authenticate,
            auth_required=True,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0)
    tell({"port": server.sockets[0].getsockname()[1]})
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
