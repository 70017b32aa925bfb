import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import { useDraft } from '@/composables/draft'
import { useHome } from '@/composables/home'
import { useLoad, usePersonalLoad } from '@/composables/load'
import { popularItems } from '@/lib/popular'
import { themeIcon } from '@/lib/themeIcons'
import { afterLogin, chooseElder, chooseRegion, refreshMe } from '@/stores/account'
import { useActing } from '@/stores/acting'
import { useNotice } from '@/stores/notice'
import { usePreferences } from '@/stores/preferences'
import { useSession } from '@/stores/session'
import type { ItemCard, Section } from '@/api/types'
import { person, tokens } from './people'
import { stored } from './setup'

const session = useSession()
const preferences = usePreferences()

beforeEach(() => {
  session.clear()
  stored.clear()
  preferences.setElder(false)
})

describe('session', () => {
  it('is there again after a restart and gone after a log-out', () => {
    session.accept(tokens(3))
    expect(session.level.value).toBe(3)
    session.reload()
    expect(session.loggedIn.value).toBe(true)
    session.clear()
    session.reload()
    expect(session.loggedIn.value).toBe(false)
    expect(session.level.value).toBeNull()
    expect([...stored.keys()].filter((key) => /token|person/.test(key))).toEqual([])
  })

  it('names the device once and for all', async () => {
    const [first, second] = [await session.device(), await session.device()]
    expect(first.key).toMatch(/^[0-9a-f]{32}$/)
    expect(second.key).toBe(first.key)
    expect(first.platform).toBe('h5')
  })
})

describe('preferences follow the person', () => {
  afterEach(() => vi.restoreAllMocks())

  it('take over the elder version chosen on another device', async () => {
    session.accept(tokens(1, { person: person(1, { elder: true }) }))
    await afterLogin()
    expect(preferences.state.elder).toBe(true)
  })

  it('send what was chosen here before the log-in', async () => {
    const patch = vi.spyOn(api, 'patch').mockResolvedValue(person(1, { elder: true }))
    await chooseElder(true)
    expect(patch).not.toHaveBeenCalled()
    session.accept(tokens(1))
    await afterLogin()
    expect(patch).toHaveBeenCalledWith('/citizen/me/preferences', { elder: true })
    expect(preferences.state.elder).toBe(true)
  })

  it('hold on this device when the gateway cannot be reached', async () => {
    vi.spyOn(api, 'patch').mockRejectedValue(new Problem({ status: 0, code: 'client.offline' }))
    session.accept(tokens(1))
    await chooseElder(true)
    await chooseRegion({ code: '440100', name: '广州市' })
    expect(preferences.state.elder).toBe(true)
    expect(preferences.state.region).toEqual({ code: '440100', name: '广州市' })
  })
})

describe('an answer that is on its way when the phone changes hands', () => {
  afterEach(() => vi.restoreAllMocks())

  /** What is asked for is answered when the test says so. */
  function pending(method: 'get' | 'patch'): (answer: unknown) => void {
    let done!: (answer: unknown) => void
    vi.spyOn(api, method).mockReturnValueOnce(new Promise((resolve) => (done = resolve)))
    return done
  }

  const one = person(3, { id: 'one' })
  const other = person(1, { id: 'other' })

  it('brings nobody back who has logged out', async () => {
    session.accept(tokens(3, { person: one }))
    const answer = pending('get')
    const asked = refreshMe()
    session.clear()
    answer(one)
    expect(await asked).toEqual(one)
    expect(session.state.person).toBeNull()
  })

  it('does not put one person in the place of the next', async () => {
    session.accept(tokens(3, { person: one }))
    const answer = pending('patch')
    const chosen = chooseElder(true)
    session.accept(tokens(1, { person: other }))
    answer({ ...one, elder: true })
    await chosen
    expect(session.state.person).toEqual(other)
  })

  it('shows nobody the enterprises of somebody else', async () => {
    const card = { uscc: '91440300MA5ABCD19W', name: '示范公司' }
    session.accept(tokens(4, { person: person(4, { id: 'one' }) }))
    const acting = useActing()
    const answer = pending('get')
    const asked = acting.ensure(card.uscc)
    session.accept(tokens(4, { person: person(4, { id: 'other' }) }))
    answer({ items: [card] })
    await asked
    expect(acting.card(card.uscc)).toBeNull()
    vi.spyOn(api, 'get').mockResolvedValueOnce({ items: [card] })
    await acting.ensure(card.uscc)
    expect(acting.card(card.uscc)).toEqual(card)
  })
})

describe('loading', () => {
  it('keeps old data when asking again fails', async () => {
    const answers: (() => Promise<number>)[] = [
      () => Promise.resolve(1),
      () => Promise.reject(new Problem({ status: 0, code: 'client.offline' })),
    ]
    const one = useLoad(() => (answers.shift() as () => Promise<number>)())
    await one.load()
    await one.load()
    expect(one.data.value).toBe(1)
    expect(one.problem.value?.offline).toBe(true)
    expect(one.loading.value).toBe(false)
  })

  it('drops data when the right to them has ended', async () => {
    const answers: (() => Promise<number>)[] = [
      () => Promise.resolve(1),
      () => Promise.reject(new Problem({ status: 401, code: 'identity.session_expired' })),
    ]
    const one = useLoad(() => (answers.shift() as () => Promise<number>)())
    await one.load()
    await one.load()
    expect(one.data.value).toBeNull()
  })

  it('drops an answer that a newer request has overtaken', async () => {
    const release: ((value: string) => void)[] = []
    const one = useLoad(() => new Promise<string>((resolve) => release.push(resolve)))
    const [slow, quick] = [one.load(), one.load()]
    release[1]('new')
    await quick
    release[0]('old')
    await slow
    expect(one.data.value).toBe('new')
  })

  it('asks nothing personal without a log-in', async () => {
    let asked = 0
    const one = usePersonalLoad(() => Promise.resolve((asked += 1)))
    await one.load()
    expect(asked).toBe(0)
    expect(one.problem.value?.needsLogin).toBe(true)
  })

  it('leaves nothing of one person to the next, not even an answer on its way', async () => {
    session.accept(tokens(3, { person: person(3, { id: 'first' }) }))
    const release: ((value: string) => void)[] = []
    const one = usePersonalLoad(() => new Promise<string>((resolve) => release.push(resolve)))
    const loaded = one.load()
    release[0]('of the first')
    await loaded
    expect(one.data.value).toBe('of the first')
    const late = one.load()
    session.clear()
    await nextTick()
    expect(one.problem.value?.needsLogin).toBe(true)
    session.accept(tokens(3, { person: person(3, { id: 'second' }) }))
    await nextTick()
    expect(one.data.value).toBeNull()
    release[1]('of the first again')
    await late
    expect(one.data.value).toBeNull()
  })

  it('turns a defect into a problem instead of an empty page', async () => {
    const one = useLoad(() => Promise.reject(new TypeError('x is undefined')))
    await one.load()
    expect(one.problem.value?.code).toBe('client.defect')
  })
})

describe('home', () => {
  const section = (code: string, status: string): Section =>
    ({ code, kind: 'account', title: code, status, as_of: null, source: null, reason: null, required_level: null, headline: null, lines: [], count: null, items: [] }) as Section

  afterEach(() => vi.restoreAllMocks())

  beforeEach(() => session.accept(tokens(3)))

  it('sorts sections by state and asks one system again without touching the others', async () => {
    const answers: Record<string, unknown> = {
      '/citizen/cases/waiting': { items: [{ case_no: 'n', item_name: 'i', text: 't', due_on: null }], open: 2 },
      '/citizen/policies/benefits': { items: [{ id: 'x' }] },
      '/citizen/home': {
        as_of: '',
        greeting: '',
        todo: [],
        sections: [section('a', 'fresh'), section('b', 'unavailable'), section('c', 'locked'), section('d', 'none')],
      },
    }
    const get = vi.spyOn(api, 'get').mockImplementation((path) => Promise.resolve(answers[path]))
    const home = useHome()
    await home.show()
    expect(home.cases.value?.items).toHaveLength(1)
    expect(home.benefits.value).toHaveLength(1)
    expect(home.shown.value.map((one) => one.code)).toEqual(['a', 'b'])
    expect(home.locked.value.map((one) => one.code)).toEqual(['c'])
    expect(home.absent.value.map((one) => one.code)).toEqual(['d'])
    get.mockResolvedValueOnce(section('b', 'fresh'))
    await home.retry('b')
    expect(get).toHaveBeenLastCalledWith('/citizen/home/sections/b')
    expect(home.shown.value.map((one) => one.status)).toEqual(['fresh', 'fresh'])
    get.mockRejectedValueOnce(new Problem({ status: 503, code: 'x' }))
    await home.retry('a')
    expect(home.shown.value).toHaveLength(2)
    expect(home.retrying.value).toEqual([])
  })

  it('asks again for another person or level, not for the same within a minute', async () => {
    session.accept(tokens(1))
    const get = vi.spyOn(api, 'get').mockResolvedValue({ as_of: '', greeting: '', todo: [], sections: [] })
    const pages = () => get.mock.calls.filter(([path]) => path === '/citizen/home')
    const home = useHome()
    await home.show()
    await home.show()
    expect(pages()).toHaveLength(1)
    session.accept(tokens(3))
    await home.show()
    expect(pages()).toHaveLength(2)
  })
})

describe('small things', () => {
  it('takes frequent items of different departments', () => {
    const item = (id: string, department: string, hot: boolean, available = true) =>
      ({ id, hot, available, department: { code: department, name: department } }) as ItemCard
    const items = [item('1', 'a', true), item('2', 'a', true), item('3', 'a', false), item('4', 'b', true), item('5', 'c', true, false), item('6', 'd', false)]
    expect(popularItems(items, 4).map((one) => one.id)).toEqual(['1', '4', '6', '2'])
  })

  it('finds an icon for a theme by its words when the catalogue names none', () => {
    expect(themeIcon('交通旅游', 'car')).toBe('car')
    expect(themeIcon('医疗卫生', 'no-such-icon')).toBe('stethoscope')
    expect(themeIcon('其他')).toBe('file-text')
  })

  it('keeps a draft until it is sent', () => {
    const first = useDraft('form', () => ({ name: '' }))
    first.draft.name = '张'
    expect(useDraft('form', () => ({ name: '' })).draft.name).toBe('张')
    first.drop()
    expect(useDraft('form', () => ({ name: '' })).draft.name).toBe('')
  })

  it('says a notice and takes it away', () => {
    vi.useFakeTimers()
    const notice = useNotice()
    notice.say('已退出登录')
    expect(notice.state.text).toBe('已退出登录')
    vi.advanceTimersByTime(4000)
    expect(notice.state.text).toBe('')
    vi.useRealTimers()
  })
})
