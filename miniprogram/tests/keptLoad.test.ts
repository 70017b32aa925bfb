import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import { useHome } from '@/composables/home'
import { useWallet } from '@/composables/wallet'
import { KEPT_HOME, useSession } from '@/stores/session'
import type { Home, Level, Wallet } from '@/api/types'
import { person, tokens } from './people'
import { stored } from './setup'

const session = useSession()
const OFFLINE = new Problem({ status: 0, code: 'client.offline' })
const HOME = {
  as_of: '2026-11-22T18:20:00+08:00',
  greeting: '早上好，张*国',
  todo: [{ kind: 'licence', title: '居民身份证', text: '12月1日到期，还有 8 天，请提前换证', due: '2026-12-01', link: { page: 'licence', id: 'a' } }],
  sections: [
    { code: 'gjj', kind: 'account', title: '公积金', status: 'fresh', headline: { label: '余额', value: '12,304.50', unit: '元' }, lines: [{ label: '单位', value: '示范公司' }] },
    { code: 'shebao', kind: 'account', title: '社会保险', status: 'locked', required_level: 4 },
    { code: 'licences', kind: 'licences', title: '我的证照', status: 'fresh', count: 1, items: [{ id: 'a', name: '居民身份证', hue: 'blue', status_label: '有效' }] },
    { code: 'messages', kind: 'messages', title: '消息', status: 'fresh', items: [{ id: 'm', title: '残疾人补贴已发放' }] },
  ],
} as unknown as Home
const WALLET = { as_of: HOME.as_of, items: [{ id: 'a', status: 'VALID', freshness: 'fresh' }], sources: [] } as unknown as Wallet
const ANSWERS: Record<string, unknown> = {
  '/citizen/home': HOME,
  '/citizen/wallet': WALLET,
  '/citizen/cases/waiting': { items: [{ case_no: '440106-7', item_name: '残疾人证换领', text: '请补材料' }], open: 1 },
  '/citizen/policies/benefits': { items: [{ id: 'b', title: '残疾人两项补贴', amount: '200.00 元' }] },
}

function online(): void {
  vi.spyOn(api, 'get').mockImplementation((path) => Promise.resolve(ANSWERS[path]))
}

function cutOff(failure: Problem = OFFLINE): void {
  vi.spyOn(api, 'get').mockRejectedValue(failure)
}

function logIn(id: string, level: Level = 3): void {
  session.accept(tokens(level, { person: person(level, { id }) }))
}

/** The home page after a restart of the app. */
async function opened() {
  const home = useHome()
  await home.show()
  return home
}

beforeEach(() => {
  session.clear()
  stored.clear()
  logIn('me')
})
afterEach(() => vi.restoreAllMocks())

describe('the home page without a network, after a restart', () => {
  it('shows what was seen last, with its time, and counts the days anew', async () => {
    online()
    await opened()
    cutOff()
    const home = await opened()
    expect(home.recalled.value).toBe(true)
    expect(home.problem.value?.offline).toBe(true)
    expect(home.data.value).toMatchObject({ as_of: HOME.as_of, todo: [{ title: '居民身份证', text: '2026年12月1日到期' }] })
    expect(home.licences.value?.items).toHaveLength(1)
    expect(home.locked.value.map((one) => one.code)).toEqual(['shebao'])
  })

  it('has nothing that the wallet would not keep', async () => {
    online()
    await opened()
    const kept = JSON.stringify([...stored.entries()].filter(([key]) => key.includes('kept')))
    expect(kept).toContain('居民身份证')
    for (const secret of ['12,304.50', '示范公司', '残疾人', '440106-7', '早上好']) expect(kept).not.toContain(secret)
  })

  it('shows nothing of another person, nor of a level that has changed, and throws it away', async () => {
    online()
    await opened()
    cutOff()
    for (const [id, level] of [['you', 3], ['me', 4]] as [string, Level][]) {
      logIn('me')
      online()
      await opened()
      cutOff()
      logIn(id, level)
      const home = await opened()
      expect([home.data.value, home.recalled.value]).toEqual([null, false])
      expect(stored.has(`sst.${KEPT_HOME}`)).toBe(false)
    }
  })

  it('goes with the log-in', async () => {
    online()
    await opened()
    expect(stored.has(`sst.${KEPT_HOME}`)).toBe(true)
    session.clear()
    expect([...stored.keys()].filter((key) => key.includes('kept'))).toEqual([])
  })

  it('keeps nothing for somebody who has logged out meanwhile', async () => {
    let answer: (home: Home) => void = () => undefined
    vi.spyOn(api, 'get').mockImplementation((path) => (path === '/citizen/home' ? new Promise((resolve) => (answer = resolve as typeof answer)) : Promise.reject(OFFLINE)))
    const page = opened()
    session.clear()
    answer(HOME)
    await page
    expect(stored.has(`sst.${KEPT_HOME}`)).toBe(false)
  })

  it('is not taken for what a gateway in trouble would say', async () => {
    online()
    await opened()
    cutOff(new Problem({ status: 503, code: 'gateway.unavailable' }))
    expect((await opened()).data.value).toBeNull()
  })

  it('asks at once when it is opened again, and is new with the network', async () => {
    online()
    await opened()
    cutOff()
    const home = await opened()
    online()
    await home.show()
    expect([home.recalled.value, home.problem.value]).toEqual([false, null])
    expect(home.data.value?.greeting).toBe(HOME.greeting)
    expect(home.shown.value).toHaveLength(1)
  })
})

describe('the wallet without a network, after a restart', () => {
  it('shows the cards as old, to their owner alone', async () => {
    online()
    await useWallet().show()
    cutOff()
    const mine = useWallet()
    await mine.show()
    expect(mine.data.value?.items).toMatchObject([{ id: 'a', freshness: 'stale' }])
    logIn('you')
    const yours = useWallet()
    await yours.show()
    expect(yours.data.value).toBeNull()
  })
})
