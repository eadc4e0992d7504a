// Drives every page of the dashboard as people do: with a mouse's patience and without, by keyboard, on a phone, in the dark.
// It says what is wrong as a line of JSON each, asks for the store to be moved when it is ready for that, and ends with `done`.
//
//   node drive.mjs URL        findings on stdout, `{"ask":"move"}` is answered by a line on stdin
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const base = new URL(process.argv[2]);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Pages at most, and at most so many of one shape. */
const PAGES = 60, ALIKE = 2;
const PHONE = { width: 360, height: 740 }, DESK = { width: 1280, height: 900 };

const say = (said) => process.stdout.write(`${JSON.stringify(said)}\n`);
let found = 0;
const find = (page, what, detail) => {
  found += 1;
  if (found <= 200) say({ finding: what, page, detail: String(detail ?? '').slice(0, 600) });
};

/** The shape of an address: what is between slashes but for the first part, and which keys are asked. */
const shape = (url) => {
  const [first, ...rest] = url.pathname.split('/').filter(Boolean);
  return `${first ?? ''}/${rest.length} ${[...url.searchParams.keys()].sort().join(' ')}`;
};
const short = (url) => url.pathname + url.search;

/** Runs in each page before anything else: what markup of strangers would set, and what the policy refuses. */
const WITNESS = () => {
  window.refused = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
  });
};

/** What no page may hold, whatever strangers call their things. */
const MARKUP = () => {
  const wrong = [];
  if (window.canary !== undefined) wrong.push('the canary was set');
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on')) wrong.push(`${element.tagName} has ${name}`);
      if (name === 'style') wrong.push(`${element.tagName} has a style`);
      if (name === 'canary') wrong.push(`${element.tagName} is a stranger's`);
      if (['href', 'src', 'action', 'formaction', 'xlink:href'].includes(name)) {
        const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(value.replace(/[\u0000-\u0020]/g, ''))?.[1].toLowerCase();
        if (scheme && !['http', 'https', 'mailto'].includes(scheme)) wrong.push(`${element.tagName} leads to ${value}`);
      }
    }
    if (element.tagName === 'IFRAME' && element.getAttribute('src')?.startsWith('/reports/')) continue;
    if (['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'MARQUEE'].includes(element.tagName)) wrong.push(element.tagName);
    if (element.tagName === 'SCRIPT' && !element.getAttribute('src')?.startsWith('/assets/')) wrong.push('a script of a stranger');
    if (element.tagName === 'META' && element.httpEquiv) wrong.push(`a meta ${element.httpEquiv}`);
    if (element.tagName === 'IMG' && element.getAttribute('src') === 'x') wrong.push('an image of a stranger');
  }
  const turning = /[\u202a-\u202e\u2066-\u2069]/u;
  const text = document.body.innerText;
  if (turning.test(text)) wrong.push(`text that turns: ${JSON.stringify(text.slice(Math.max(0, text.search(turning) - 30)).slice(0, 60))}`);
  return wrong;
};

/** What every page has. */
const FRAME = () => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (all('h1').length !== 1) wrong.push(`${all('h1').length} h1`);
  if (!document.documentElement.lang) wrong.push('no language');
  if (!document.title) wrong.push('no title');
  let level = 1;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`${heading.tagName} "${heading.innerText.slice(0, 40)}" after H${level}`);
    level = next;
  }
  for (const one of all('input:not([type=hidden]), select, textarea')) {
    if (!one.labels?.length && !one.getAttribute('aria-label') && !one.getAttribute('aria-labelledby')) wrong.push(`no label: ${one.outerHTML.slice(0, 80)}`);
  }
  for (const one of all('[tabindex]')) if (one.tabIndex > 0) wrong.push(`tabindex ${one.tabIndex}`);
  for (const one of all('.scroll')) if (one.tabIndex !== 0 || !one.getAttribute('aria-label')) wrong.push(`a region without a label or place: ${one.outerHTML.slice(0, 80)}`);
  const ids = all('[id]').map((one) => one.id);
  for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push(`the id ${id} twice`);
  return wrong;
};

/** A page that tells of everything that goes wrong in it. */
const open = async (context, name) => {
  const page = await context.newPage();
  await page.addInitScript(WITNESS);
  const where = () => `${short(new URL(page.url()))} (${name})`;
  page.on('console', (message) => {
    // a refusal that is looked at on purpose is told by the browser, too
    if (['error', 'warning'].includes(message.type()) && !page.expected?.test(message.text())) find(where(), 'console', message.text());
  });
  page.on('pageerror', (error) => find(where(), 'script', error));
  page.on('dialog', (dialog) => { find(where(), 'dialog', dialog.message()); dialog.dismiss(); });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== base.origin && url.protocol !== 'data:') find(where(), 'asks elsewhere', url.href);
  });
  return page;
};

const visit = async (page, path) => {
  const go = () => page.goto(new URL(path, base).href, { waitUntil: 'load' });
  // a form that was sent just before may still be on its way
  const response = await go().catch((error) => (/interrupted/.test(error.message) ? go() : Promise.reject(error)));
  if (response.status() >= 500) find(path, 'status', response.status());
  return response;
};

const look = async (page, name, path) => {
  for (const detail of await page.evaluate(MARKUP)) find(path, `markup (${name})`, detail);
  for (const detail of await page.evaluate(FRAME)) find(path, `frame (${name})`, detail);
  for (const detail of await page.evaluate(() => window.refused)) find(path, `policy (${name})`, detail);
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations.filter((one) => ['serious', 'critical'].includes(one.impact))
      .map((one) => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map((node) => `${node.target} ${node.any?.[0]?.message ?? ''}`).join(' | ')}`);
  });
  for (const detail of violations) find(path, `axe (${name})`, detail);
};

const sideways = async (page, name, path) => {
  const wide = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.scrollingElement;
    if (scrollWidth <= clientWidth) return null;
    const inRegion = (one) => one.parentElement?.closest('.scroll, svg, .skip, [hidden]');
    const culprits = [...document.querySelectorAll('main *, header *, footer *')]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 1 && !inRegion(one));
    return `${scrollWidth} > ${clientWidth}: ${culprits.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)).join(' | ')}`;
  });
  if (wide) find(path, `scrolls sideways (${name})`, wide);
};

/** Every address that is reached from the first page by links, bounded. */
const crawl = async (browser) => {
  const context = await browser.newContext({ viewport: DESK, javaScriptEnabled: false });
  const page = await context.newPage();
  const waiting = ['/'], seen = new Set(waiting), alike = new Map(), pages = [], navigation = [];
  while (waiting.length > 0 && pages.length < PAGES) {
    const path = waiting.shift();
    const response = await page.goto(new URL(path, base).href).catch(() => null);
    // what is downloaded is none of the pages
    if (!response || !(response.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    if (response.status() !== 200) find(path, 'status', response.status());
    if ((await page.locator('main').innerText()).length < 10) find(path, 'empty without script');
    pages.push(path);
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((one) => [one.href, Boolean(one.closest('body > header'))]));
    for (const [href, isMain] of links) {
      const url = new URL(href);
      if (url.origin !== base.origin) continue;
      const next = short(url);
      if (isMain && !navigation.includes(next)) navigation.push(next);
      const count = alike.get(shape(url)) ?? 0;
      if (seen.has(next) || (count >= ALIKE && !isMain)) continue;
      seen.add(next);
      alike.set(shape(url), count + 1);
      if (isMain) waiting.unshift(next); else waiting.push(next);
    }
  }
  await context.close();
  return { pages, navigation };
};

/** Tab leads to everything, in the order of the page, and one sees where one is. */
const keyboard = async (page, path) => {
  await visit(page, path);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(() => document.activeElement?.className);
  if (first !== 'skip') find(path, 'keyboard', `the first stop is '${first}'`);
  const isSeen = await page.locator('.skip').evaluate((one) => one.getBoundingClientRect().left >= 0 && one.getBoundingClientRect().top >= 0);
  if (!isSeen) find(path, 'keyboard', 'the skip link is not seen');
  await page.keyboard.press('Enter');
  if (await page.evaluate(() => document.activeElement?.id) !== 'content') find(path, 'keyboard', 'the skip link does not skip');
  const stops = await page.evaluate(() => [...document.querySelectorAll('main a[href], main button, main input:not([type=hidden]), main select, main summary, main [tabindex="0"]')].length);
  for (let stop = 0; stop < Math.min(stops, 25); stop += 1) {
    await page.keyboard.press('Tab');
    const wrong = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      const box = one.getBoundingClientRect(), style = getComputedStyle(one);
      const name = one.outerHTML.slice(0, 100);
      if (box.width === 0 || box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) return `out of sight: ${name}`;
      if ((style.outlineStyle === 'none' || style.outlineWidth === '0px') && style.boxShadow === 'none') return `no sign of focus: ${name}`;
      return null;
    });
    if (wrong) find(path, 'keyboard', wrong);
  }
};

/** Forms of a page that look only: each choice is made and sent by keyboard, and shown again. */
const forms = async (page, path) => {
  await visit(page, path);
  const fields = await page.evaluate(() => [...document.querySelectorAll('main form')].flatMap((form, at) =>
    form.method !== 'get' ? [] : [...form.querySelectorAll('select, input:not([type=hidden]):not([type=submit])')].map((one) => ({
      at, tag: one.tagName, type: one.type, name: one.name,
      choices: one.tagName === 'SELECT' ? [...one.options].map((option) => option.value) : [],
      isRequired: one.required,
    }))));
  for (const field of fields.slice(0, 12)) {
    await visit(page, path);
    const form = page.locator('main form').nth(field.at);
    // forms may stand in a part that is opened first
    await form.evaluate((one) => { for (let up = one; up; up = up.parentElement) if (up.tagName === 'DETAILS') up.open = true; for (const part of one.querySelectorAll('details')) part.open = true; });
    const control = form.locator(`[name="${field.name}"]`).first();
    if (field.tag === 'SELECT') {
      const choice = field.choices.find((value) => value !== '' && value !== undefined);
      if (choice === undefined) continue;
      await control.selectOption(choice);
      const sent = await send(page, form, path);
      if (sent && sent.status() !== 200) find(path, 'form', `${field.name}=${choice}: ${sent.status()} ${await page.locator('main').innerText()}`);
      const shown = await page.locator(`main form [name="${field.name}"]`).first().evaluate((one) => one.value).catch(() => null);
      if (sent?.status() === 200 && shown !== choice) find(path, 'form', `${field.name} shows '${shown}' after '${choice}'`);
    } else if (['checkbox', 'radio'].includes(field.type)) {
      await control.focus();
      await page.keyboard.press('Space');
      const sent = await send(page, form, path);
      if (sent && sent.status() !== 200) find(path, 'form', `${field.name} ticked: ${sent.status()}`);
    } else if (['text', 'search', 'number'].includes(field.type)) {
      const typed = field.type === 'number' ? '7' : '<img src=x onerror=canary=1>';
      await control.fill(typed);
      const sent = await send(page, form, path, control);
      // what nothing is called may be refused, with words
      if (sent && ![200, 400, 404].includes(sent.status())) find(path, 'form', `${field.name}=${typed}: ${sent.status()}`);
      for (const detail of await page.evaluate(MARKUP)) find(path, 'markup (form)', detail);
    }
  }
};

/** Sends a form by Enter in a field or on its button, and gives the answer. */
const send = async (page, form, path, control) => {
  const target = control ?? form.locator('button, input[type=submit]').first();
  if (!control && await target.count() === 0) { find(path, 'form', 'no button'); return null; }
  const isValid = await form.evaluate((one) => one.checkValidity());
  if (!isValid) return null;
  await target.focus();
  const [answer] = await Promise.all([
    page.waitForNavigation({ timeout: 15_000 }).catch(() => null),
    page.keyboard.press('Enter'),
  ]);
  if (!answer) find(path, 'form', 'nothing was asked by keyboard');
  return answer;
};

/** The store moves while a page is open, and the page says so. */
const live = async (browser) => {
  const context = await browser.newContext({ viewport: DESK });
  const page = await open(context, 'live');
  const listening = page.waitForResponse((response) => new URL(response.url()).pathname === '/live', { timeout: 15_000 });
  await visit(page, '/');
  if ((await listening).status() !== 200) find('/', 'live', 'nobody listens');
  say({ ask: 'move' });
  await answers.next();
  const said = await page.waitForFunction(() => document.getElementById('live')?.innerText, undefined, { timeout: 30_000 }).catch(() => null);
  if (!said) { find('/', 'live', 'the store moved and the page does not say so'); return; }
  const link = page.locator('#live a');
  if (await link.count() > 0) {
    await Promise.all([page.waitForNavigation(), link.first().click()]);
    if ((await page.locator('h1').count()) !== 1) find('/', 'live', 'the link leads nowhere');
  }
  await context.close();
};

const main = async () => {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  const { pages, navigation } = await crawl(browser);
  say({ pages, navigation });
  for (const [name, options] of [
    ['light', { viewport: DESK, colorScheme: 'light' }],
    ['dark', { viewport: DESK, colorScheme: 'dark' }],
    ['phone', { viewport: PHONE, colorScheme: 'light', isMobile: true, hasTouch: true }],
  ]) {
    const context = await browser.newContext(options);
    const page = await open(context, name);
    for (const path of pages) {
      await visit(page, path);
      await look(page, name, path);
      if (name === 'phone') {
        await page.evaluate(() => { for (const one of document.querySelectorAll('details')) one.open = true; });
        await sideways(page, name, path);
      }
    }
    await context.close();
  }
  const context = await browser.newContext({ viewport: DESK });
  const page = await open(context, 'keyboard');
  page.expected = /status of 40[04]/;
  const shapes = new Set();
  for (const path of pages) {
    const url = new URL(path, base);
    if (shapes.has(url.pathname.split('/')[1])) continue;
    shapes.add(url.pathname.split('/')[1]);
    await keyboard(page, path);
    await forms(page, path);
  }
  await context.close();
  const unscripted = await browser.newContext({ viewport: DESK, javaScriptEnabled: false });
  const plain = await unscripted.newPage();
  for (const path of navigation) {
    await visit(plain, path);
    if (await plain.locator('h1').count() !== 1) find(path, 'without script', 'no heading');
  }
  await unscripted.close();
  await live(browser);
  await browser.close();
  say({ done: true, pages: pages.length, found });
};

await main().catch((error) => { say({ finding: 'the test itself', detail: String(error.stack) }); process.exitCode = 1; });
process.exit();
