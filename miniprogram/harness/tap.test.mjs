// The real pages of the mp-weixin output, rendered in Chromium and tapped through. Answers come from
// fixtures; GATEWAY=http://host:port takes a running gateway in their place.
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { pagePaths } from './lib/artefact.mjs'
import { Phone, startBrowser } from './lib/browser.mjs'
import { answer, known, sessionOf } from './lib/fixtures.mjs'
import { closingLine } from './lib/report.mjs'
import { startServer } from './lib/server.mjs'

const gateway = process.env.GATEWAY ?? ''
const pages = pagePaths()
let server
let browser
let phone
// Phones that stay on, by the level of whoever uses them: a browser that has read the scripts starts them sooner.
const kept = new Map()
let shown = 0
closingLine(() => `${pages.length} pages rendered, ${shown} screenshots, no request to another host (${gateway || 'fixtures'})`)

before(async () => {
  server = await startServer({ answer, gateway })
  browser = await startBrowser()
})
after(async () => {
  await Promise.all([...kept.values()].map((one) => one.close()))
  await browser?.close()
  await server?.close()
})
afterEach(async () => {
  if (![...kept.values()].includes(phone)) await phone?.close()
  const { faults, foreign } = phone?.complaints() ?? { faults: [], foreign: [] }
  phone = undefined
  assert.deepEqual(foreign, [], 'requests to other hosts')
  assert.deepEqual(faults, [], 'errors on the page')
})

const shoot = async (name) => {
  await phone.shoot(name)
  shown += 1
}
/** A device that agreed to the policy before and, where a level is given, is logged in. */
async function seenBefore(level) {
  const { privacy } = await (await fetch(`${server.origin}/api/v1/public/bootstrap`)).json()
  return { version: privacy.version, session: level && !gateway ? sessionOf(level) : undefined }
}

describe('journeys', () => {
  test('first start: consent, then home', async () => {
    phone = await Phone.start(browser, server.origin)
    await phone.arrive('login/consent')
    await phone.see('欢迎使用', '阅读《隐私政策》全文')
    await shoot('consent')
    await phone.tap('阅读《隐私政策》全文')
    await phone.see('收起全文')
    await phone.tap('同意并继续')
    await phone.arrive('pages/home/index')
    await phone.see('登录后，先看到自己的事', '专区', '大家常办')
    await shoot('home')
  })

  test('whoever does not consent can still read guides, and is asked before logging in', async () => {
    phone = await Phone.start(browser, server.origin)
    await phone.arrive('login/consent')
    await phone.see('不同意，先看看')
    await phone.tap('不同意，先看看')
    await phone.arrive('pages/home/index')
    await phone.tap('登录')
    await phone.arrive('login/login')
    await phone.see('我已阅读并同意')
    await phone.tap('手机号快捷登录')
    await phone.see('请先阅读并勾选同意，再继续。')
    assert.equal(await phone.at(), 'login/login')
    await shoot('login-needs-consent')
  })

  test('home to services to a guide, and back', async () => {
    phone = await Phone.start(browser, server.origin, await seenBefore())
    await phone.open('/pages/home/index')
    await phone.see('大家常办')
    await phone.tap('办事')
    await phone.arrive('pages/services/index')
    await phone.see('按主题找', '按部门找', '可办事项')
    await shoot('services')
    await phone.tap('企业办事')
    await phone.see('设立变更')
    await phone.tap('个人办事')
    await phone.see('户籍证件')
    await phone.tap('户籍证件')
    await phone.arrive('guide/search')
    await phone.see('给孩子上户口')
    await shoot('theme')
    await phone.tap('给孩子上户口')
    await phone.arrive('guide/item')
    await phone.see('出生登记', '需要什么材料', '多久办好', '收费吗', '去哪里办', '办理流程', '常见问题', '法律依据')
    const words = await phone.text()
    assert.ok(words.indexOf('常见问题') < words.indexOf('法律依据'), 'the legal text comes last')
    await shoot('guide')
    await phone.tap('在线办理')
    await phone.arrive('apply/start')
    await phone.see('登录后查看')
    await shoot('apply-start')
  })

  test('a place is chosen and stays chosen', async () => {
    phone = await Phone.start(browser, server.origin, await seenBefore())
    await phone.open('/pages/services/index')
    await phone.see('广东省')
    await phone.tap('广东省')
    await phone.arrive('guide/region')
    await phone.see('现在看的是', '广州市')
    await phone.tap('广州市')
    await phone.see('广州市（全市）')
    await phone.tap('广州市（全市）')
    await phone.arrive('pages/services/index')
    await phone.see('广州市可办事项')
    await shoot('services-guangzhou')
  })

  test('the elder version makes the page larger', async () => {
    phone = await Phone.start(browser, server.origin, await seenBefore())
    await phone.open('/pages/home/index')
    await phone.see('长辈版')
    const size = () => phone.page.locator('page:visible .app-page').first().evaluate((element) => getComputedStyle(element).fontSize)
    assert.equal(await size(), '16px')
    await phone.tap('长辈版')
    await phone.see('标准版')
    assert.equal(await size(), '20px')
    await shoot('home-elder')
  })
})

// A real gateway asks WeChat about the code, and WeChat knows none that is made up here.
const withFixtures = gateway ? () => undefined : describe

withFixtures('log-in with WeChat', () => {
  test('one tap, then the wallet, a licence, the number on a tap, and 亮码', async () => {
    phone = await Phone.start(browser, server.origin, await seenBefore())
    await phone.open('/pages/wallet/index')
    await phone.see('登录后查看')
    await phone.tap('去登录')
    await phone.arrive('login/login')
    await phone.tap('手机号快捷登录')
    await phone.arrive('pages/wallet/index')
    await phone.see('居民身份证', '医保局暂时不可用')
    await shoot('wallet')
    await phone.tap('居民身份证')
    await phone.arrive('licence/detail')
    await phone.see('证照号码', '440***********0021')
    await phone.page.locator('page:visible [aria-label="显示证照号码"]').click()
    await phone.see('440106199505200021')
    await shoot('licence')
    await phone.open('/pages/code/index')
    await phone.see('对方会看到', '秒后自动换新', '单位窗口扫码直接核验')
    await shoot('code')
    await phone.tap('只显示…')
    await phone.see('只回答是或否，不给出内容', '年满18周岁', '按这些出示')
    await shoot('show-options')
    await phone.open('/enterprise/picker')
    await phone.tap('深圳市晓雯烘焙有限公司')
    await phone.arrive('enterprise/home')
    await phone.see('专属政策', '专属办事', '企业证照', '登记信息')
    await shoot('enterprise')
  })
})

describe('every page', () => {
  const queries = {
    'guide/item': `?id=${known.item}`,
    'licence/detail': `?id=${known.licence}`,
    'enterprise/home': `?uscc=${known.uscc}`,
    'enterprise/members': `?uscc=${known.uscc}`,
    'enterprise/machines': `?uscc=${known.uscc}`,
    'enterprise/machine': `?uscc=${known.uscc}`,
    'enterprise/invite': `?uscc=${known.uscc}`,
    'enterprise/licence': `?uscc=${known.uscc}&id=${known.licence}`,
    'settings/agreements': '?kind=privacy',
    'data/resource': `?code=${known.resource}`,
    'lending/loan': `?id=${known.loan}`,
    'lending/lend': `?id=${known.licence}&name=${encodeURIComponent('居民身份证')}`,
    'lending/take': '?kind=family&code=7H3K5QZ2M4XW',
    'lending/borrowed': `?id=${known.loan}`,
    'lending/show': `?loan=${known.loan}`,
    'lending/member': `?id=${known.member}`,
    'lending/licence': `?member=${known.member}&id=${known.licence}`,
    'lending/makecopy': `?id=${known.licence}&name=${encodeURIComponent('居民身份证')}`,
    'lending/copy': `?id=${known.copy.id}`,
    'lending/check': `?code=${known.copy.code}`,
    'policies/policy': '?code=gaoling-jintie',
    'policies/benefit': `?id=${known.benefit}`,
  }

  // Each step of stepping up is for those who have taken the step before it.
  const levels = { 'login/login': undefined, 'login/identity': 1, 'login/face': 3 }
  const elsewhere = { 'login/identity': 'login/login', 'login/face': 'login/login' }

  for (const path of pages) {
    test(`renders ${path}`, async () => {
      const level = path in levels ? levels[path] : 4
      phone = kept.get(level)
      if (phone) await phone.restart()
      else kept.set(level, (phone = await Phone.start(browser, server.origin, await seenBefore(level))))
      await phone.open(`/${path}${queries[path] ?? ''}`)
      await phone.arrive(gateway ? (elsewhere[path] ?? path) : path)
      await phone.page.waitForFunction(() => document.querySelector('#screen').innerText.trim().length > 10)
      await phone.quiet()
      assert.doesNotMatch(await phone.text(), /undefined|NaN|\[object/)
      await shoot(`page-${path.replaceAll('/', '-')}`)
    })
  }
})
