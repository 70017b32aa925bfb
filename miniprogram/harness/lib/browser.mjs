// Chromium with the rendered mini-program in it, and a watch on everything that it asks for.
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const here = dirname(fileURLToPath(import.meta.url))
const OUTPUT = resolve(process.env.MP_SCREENSHOTS ?? join(here, '..', '..', '..', 'tests', 'output', 'mp'))
const CANDIDATES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].filter(Boolean)
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

function executable() {
  const found = CANDIDATES.find((path) => existsSync(path))
  if (!found) throw new Error(`no Chromium at ${CANDIDATES.join(', ')}: apt-get install chromium fonts-noto-cjk, or set CHROMIUM`)
  return found
}

export async function startBrowser() {
  mkdirSync(OUTPUT, { recursive: true })
  return chromium.launch({ executablePath: executable(), args: FLAGS })
}

const QUIET_MS = 100

// Data that a page has not been given yet is undefined for a moment; glass-easel says so, WeChat too.
const EXPECTED_WARNING = /for-list data is neither Array nor Object/

/** Runs in the page: what the device remembers of an earlier visit. */
function remember({ version, session }) {
  globalThis.remembered = { 'sst.preferences': { elder: false, region: null, privacy: { choice: 'agreed', version } } }
  if (!session) return
  const { access_token: access, refresh_token: refresh, person } = session
  Object.assign(globalThis.remembered, { 'sst.tokens': { access, refresh, accessUntil: Date.now() + 900_000 }, 'sst.person': person })
}

/** A phone with the mini-program on it. */
export class Phone {
  constructor(page, origin) {
    this.page = page
    this.origin = origin
    this.faults = []
    this.foreign = []
    this.loading = new Set()
    this.asked = 0
    for (const ended of ['requestfinished', 'requestfailed']) page.on(ended, (request) => this.loading.delete(request))
    page.on('pageerror', (error) => this.faults.push(`${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) this.faults.push(message.text())
      if (message.type() === 'warning' && !EXPECTED_WARNING.test(message.text())) this.faults.push(message.text())
    })
    page.on('request', (request) => {
      this.asked += 1
      this.loading.add(request)
      if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) this.foreign.push(request.url())
    })
  }

  /** `earlier`: `{version, session}` of a visit before; without it this is the first start. */
  static async start(browser, origin, earlier) {
    const context = await browser.newContext({ viewport: { width: 375, height: 812 }, deviceScaleFactor: 2, locale: 'zh-CN' })
    if (earlier) await context.addInitScript(remember, earlier)
    const phone = new Phone(await context.newPage(), origin)
    phone.page.setDefaultTimeout(10_000)
    await phone.restart()
    return phone
  }

  /** The mini-program starts; what it had in memory is gone, and so is what it wrote down since `earlier`. */
  async restart() {
    await this.page.goto(this.origin)
    await this.page.waitForFunction(() => document.documentElement.dataset.ready === 'yes')
  }

  /** What went wrong since it was last asked. */
  complaints() {
    return { foreign: this.foreign.splice(0), faults: this.faults.splice(0) }
  }

  /** The page on top, as the address that WeChat knows it by. */
  at() {
    return this.page.evaluate(() => globalThis.harness.current())
  }

  async arrive(path) {
    await this.page.waitForFunction((wanted) => globalThis.harness.current() === wanted, path)
    await this.page.evaluate(() => globalThis.harness.settled())
  }

  /** Waits until nothing is being loaded, and nothing was asked for a moment ago. */
  async quiet() {
    const until = Date.now() + 10_000
    for (let asked = -1; this.loading.size > 0 || asked !== this.asked; ) {
      if (Date.now() > until) throw new Error(`still loading ${[...this.loading].map((request) => request.url())}`)
      asked = this.asked
      await this.page.waitForTimeout(QUIET_MS)
    }
  }

  open(url) {
    return this.page.evaluate((to) => globalThis.harness.open(to), url)
  }

  #shown(text, exact) {
    return this.page.locator('page:visible').getByText(text, { exact }).filter({ visible: true }).first()
  }

  async see(...texts) {
    for (const text of texts) await this.#shown(text, false).waitFor()
  }

  async tap(text) {
    await this.#shown(text, true).click()
  }

  text() {
    return this.page.locator('page:visible').innerText()
  }

  shoot(name) {
    return this.page.screenshot({ path: join(OUTPUT, `${name}.png`) })
  }

  close() {
    return this.page.context().close()
  }
}
