import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import type { ItemCard, ItemPage } from '@/api/types'
import { itemQuery, useItemList, type ItemFilters } from '@/composables/itemList'
import { REVEAL_SECONDS, useReveal } from '@/composables/reveal'
import { refusal } from '@/composables/wallet'
import { opensFurther, wholeName } from '@/lib/places'
import { forgetHistory, readHistory, remember } from '@/lib/searchHistory'
import { stored } from './setup'

const card = (id: string) => ({ id }) as ItemCard
const page = (ids: string[], next: string | null, total = ids.length): ItemPage => ({
  items: ids.map(card),
  next_cursor: next,
  total,
  suggestion: null,
})

describe('a list of service items', () => {
  it('sends only what narrows', () => {
    expect(itemQuery({ q: '  ', audience: '', online: false })).toEqual({ limit: 20 })
    expect(itemQuery({ q: ' 社保 ', audience: 'citizen', online: true, region: '440100' }, 'c')).toMatchObject({
      q: '社保',
      audience: 'citizen',
      online: true,
      region: '440100',
      cursor: 'c',
    })
  })

  it('adds pages and keeps no item twice', async () => {
    const list = useItemList(async (_, cursor) => (cursor ? page(['b', 'c'], null, 3) : page(['a', 'b'], 'next', 3)))
    await list.load({})
    expect(list.hasMore.value).toBe(true)
    await list.more()
    expect(list.items.value.map((item) => item.id)).toEqual(['a', 'b', 'c'])
    expect(list.hasMore.value).toBe(false)
    await list.more()
    expect(list.items.value).toHaveLength(3)
  })

  it('drops an answer that newer filters have overtaken', async () => {
    const answers: Record<string, (page: ItemPage) => void> = {}
    const list = useItemList((filters: ItemFilters) => new Promise((resolve) => (answers[filters.q ?? ''] = resolve)))
    const first = list.load({ q: '旧' })
    const second = list.load({ q: '新' })
    answers['新'](page(['new'], null))
    answers['旧'](page(['old'], null))
    await Promise.all([first, second])
    expect(list.items.value.map((item) => item.id)).toEqual(['new'])
    expect(list.loading.value).toBe(false)
  })

  it('keeps the page after a failure to load more, and can be asked again', async () => {
    let broken = true
    const list = useItemList(async (_, cursor) => {
      if (!cursor) return page(['a'], 'next', 2)
      if (broken) throw new Problem({ status: 0, code: 'client.offline' })
      return page(['b'], null, 2)
    })
    await list.load({})
    await list.more()
    expect(list.moreProblem.value?.offline).toBe(true)
    expect(list.items.value).toHaveLength(1)
    broken = false
    await list.more()
    expect(list.moreProblem.value).toBeNull()
    expect(list.items.value).toHaveLength(2)
  })

  it('says what went wrong and asks the same again', async () => {
    const asked: ItemFilters[] = []
    const list = useItemList(async (filters) => {
      asked.push(filters)
      throw new Problem({ status: 503, code: 'x' })
    })
    await list.load({ theme: 'housing' })
    expect(list.problem.value?.status).toBe(503)
    await list.retry()
    expect(asked).toEqual([{ theme: 'housing' }, { theme: 'housing' }])
  })
})

describe('what was searched for', () => {
  beforeEach(() => stored.clear())

  it('is kept newest first, once each, ten at most', () => {
    for (let n = 0; n < 12; n += 1) remember(`词${n}`)
    remember('词5')
    expect(readHistory()).toHaveLength(10)
    expect(readHistory().slice(0, 2)).toEqual(['词5', '词11'])
    expect(forgetHistory()).toEqual([])
    expect(readHistory()).toEqual([])
  })

  it('keeps neither blanks nor what looks like a personal number', () => {
    remember('  ')
    remember('440106195803120032')
    remember('查 13800138000')
    expect(readHistory()).toEqual([])
    expect([...stored.values()].join()).not.toMatch(/\d{6}/)
  })

  it('survives something else in its place', () => {
    stored.set('sst.search-history', { not: 'a list' })
    expect(readHistory()).toEqual([])
    stored.set('sst.search-history', ['好', 3, null])
    expect(readHistory()).toEqual(['好'])
  })
})

describe('masked values', () => {
  beforeEach(() => vi.useFakeTimers())

  function reveal() {
    const said: string[] = []
    const scope = effectScope()
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const one = scope.run(() => useReveal(() => '/citizen/wallet/1', (words) => said.push(words)))!
    warn.mockRestore()
    return { ...one, said }
  }

  it('are asked of the gateway one by one and go by themselves', async () => {
    const post = vi.spyOn(api, 'post').mockResolvedValue({ field: 'number', value: '440106195803120032' })
    const { shown, toggle } = reveal()
    await toggle('number', '证照号码')
    expect(post).toHaveBeenCalledWith('/citizen/wallet/1/reveal', { field: 'number' })
    expect(shown.number).toBe('440106195803120032')
    vi.advanceTimersByTime(REVEAL_SECONDS * 1000)
    expect(shown).toEqual({})
  })

  it('hide on a second tap without asking, and all of them when the page is left', async () => {
    const post = vi.spyOn(api, 'post').mockResolvedValue({ field: 'x', value: '值' })
    const { shown, toggle, hideAll } = reveal()
    await toggle('a', '甲')
    await toggle('a', '甲')
    expect(shown).toEqual({})
    expect(post).toHaveBeenCalledTimes(1)
    await toggle('b', '乙')
    hideAll()
    expect(shown).toEqual({})
  })

  it('an answer that arrives after the page was left is not shown', async () => {
    let answer: (value: unknown) => void = () => undefined
    vi.spyOn(api, 'post').mockReturnValue(new Promise<unknown>((resolve) => (answer = resolve)))
    const { shown, toggle, hideAll } = reveal()
    const asking = toggle('a', '甲')
    hideAll()
    answer({ field: 'a', value: '值' })
    await asking
    expect(shown).toEqual({})
  })

  it('say why when the gateway refuses', async () => {
    vi.spyOn(api, 'post').mockRejectedValue(new Problem({ status: 429, code: 'x', detail: '操作太频繁，请稍后再试。' }))
    const { shown, said, toggle } = reveal()
    await toggle('a', '甲')
    expect(shown).toEqual({})
    expect(said).toEqual(['操作太频繁，请稍后再试。'])
  })
})

describe('refusals known beforehand', () => {
  it('log-in first, then the level, then none', () => {
    expect(refusal(null, 3)?.needsLogin).toBe(true)
    expect(refusal(1, 3)).toMatchObject({ requiredLevel: 3, needsLevel: true })
    expect(refusal(3, 4)?.requiredLevel).toBe(4)
    expect(refusal(4, 4)).toBeNull()
  })
})

describe('places', () => {
  const region = (level: 1 | 2 | 3 | 4, has_children: boolean) => ({ code: '1', name: '', level, parent_code: null, has_children })

  it('open down to the county', () => {
    expect(opensFurther(region(2, true))).toBe(true)
    expect(opensFurther(region(2, false))).toBe(false)
    expect(opensFurther(region(3, true))).toBe(false)
  })

  it.each([
    ['广东省', '广东省（全省）'],
    ['广州市', '广州市（全市）'],
    ['天河区', '天河区（全区）'],
    ['广西壮族自治区', '广西壮族自治区（全区）'],
    ['香港', '香港（全部）'],
  ])('%s as a whole', (name, whole) => expect(wholeName({ code: '', name })).toBe(whole))
})
