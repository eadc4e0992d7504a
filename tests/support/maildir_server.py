"""A mail server by other hands (aiosmtpd) that writes what it accepts into a maildir.

Usage: maildir_server.py MAILDIR [PORT]
Prints the port once it listens. Ends when its standard input does, and with status 77 at once where aiosmtpd is not installed.
"""

import asyncio
import sys

try:
    from aiosmtpd.handlers import Mailbox
    from aiosmtpd.smtp import SMTP
except ImportError:
    sys.exit(77)


async def main():
    folder = sys.argv[1]
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    loop = asyncio.get_running_loop()
    handler = Mailbox(folder)
    server = await loop.create_server(lambda: SMTP(handler), "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


asyncio.run(main())
