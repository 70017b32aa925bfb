import { mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { Client } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Reading, ReadingPage } from '@/api/types'
import { usePersonalPages } from '@/composables/pages'
import LogCard from '@/data/LogCard.vue'
import ShareMark from '@/data/ShareMark.vue'
import { uniTransport } from '@/api/transport'
import { logDays, readingEntry } from '@/lib/log'
import { categoryText, cycleText, itemTypeText, modesText, openingText, outcome, SHARE_TYPES, shareWords } from '@/lib/sharing'
import { useSession } from '@/stores/session'
import { startGateway, type Seen } from './gateway'
import { tokens } from './people'

const NOW = Date.parse('2026-11-23T10:00:00+08:00')

function reading(id: string, change: Partial<Reading> = {}): Reading {
  return {
    id,
    at: '2026-11-23T09:05:00+08:00',
    system: { code: 'gd-gjj', name: '公积金中心' },
    department: '广州住房公积金管理中心',
    resource: { code: '301154/0002', name: '婚姻登记状态' },
    fields: [{ name: 'status', label: '婚姻状况' }],
    purpose: '核对提取申请',
    legal_basis: '《住房公积金管理条例》第二十四条',
    case_no: '20261123-000318',
    result: 'read',
    ...change,
  }
}

describe('readings', () => {
  it('stand under their days, in the order in which they come', () => {
    const days = logDays(
      [reading('a'), reading('b', { at: '2026-11-22T16:30:00Z' }), reading('c', { at: '2026-11-22T15:30:00Z' }), reading('d', { at: '2026-11-20T09:00:00+08:00' }), reading('e', { at: '' })].map(readingEntry),
      NOW,
    )
    expect(days.map((day) => [day.title, day.entries.map((one) => one.id).join('')])).toEqual([
      ['今天', 'ab'],
      ['昨天', 'c'],
      ['11月20日 星期五', 'd'],
      ['时间不详', 'e'],
    ])
    expect(logDays([])).toEqual([])
  })

  it('never say less than what happened', () => {
    expect(outcome('none').text).toContain('没有提供数据')
    expect(outcome('failed').text).toContain('没有提供数据')
    expect(outcome('read').mood).toBe('given')
    expect(outcome('something new').mood).toBe('given')
  })

  it('say who, what, why, for which matter, when and with what result', () => {
    const words = mount(LogCard, { props: { entry: readingEntry(reading('a')) } }).text()
    for (const part of ['公积金中心', '广州住房公积金管理中心', '09:05', '婚姻登记状态', '婚姻状况', '核对提取申请', '《住房公积金管理条例》第二十四条', '办件号 20261123-000318', '已提供给这个部门']) {
      expect(words).toContain(part)
    }
  })

  it('say so when no matter was named, and use what there is of names', () => {
    const card = mount(LogCard, { props: { entry: readingEntry(reading('a', { case_no: null, result: 'none', department: '公积金中心', fields: [{ name: 'status', label: '' }], legal_basis: '' })) } })
    expect(card.text()).toContain('没有写明是哪件事')
    expect(card.text()).toContain('没有查到您的记录')
    expect(card.text()).not.toContain('依据')
    expect(card.text().match(/公积金中心/g)).toHaveLength(1)
    expect(card.find('[role=listitem]').text()).toBe('status')
  })
})

describe('the list of readings', () => {
  const session = useSession()
  const port = { tokens: () => session.state.tokens, accept: session.accept, clear: session.clear, reload: () => undefined }
  beforeEach(() => session.clear())

  function list(ask: (filters: { system: string }, cursor: string | null) => Promise<ReadingPage>) {
    return effectScope().run(() => usePersonalPages(ask, (one) => one.id, 3))!
  }

  it('asks the gateway page by page, narrowed to a department', async () => {
    session.accept(tokens(3))
    const gateway = await startGateway(({ path }: Seen) => ({
      status: 200,
      body: path.includes('cursor=next') ? { items: [reading('b'), reading('c')], next_cursor: null } : { items: [reading('a'), reading('b')], next_cursor: 'next' },
    }))
    const client = new Client({ base: gateway.base, transport: uniTransport, session: port })
    const { items, load, more, hasMore } = list((filters, cursor) => client.get<ReadingPage>('/citizen/readings', { ...filters, cursor }))
    await load({ system: '' })
    await more()
    expect(items.value.map((one) => one.id)).toEqual(['a', 'b', 'c'])
    expect(hasMore.value).toBe(false)
    await load({ system: 'gd-gjj' })
    expect(gateway.seen.map((one) => one.path)).toEqual([
      '/api/v1/citizen/readings',
      '/api/v1/citizen/readings?cursor=next',
      '/api/v1/citizen/readings?system=gd-gjj',
    ])
    expect(gateway.seen[0].authorization).toMatch(/^Bearer /)
    await gateway.close()
  })

  it('asks nothing without a log-in or a proven identity', async () => {
    const ask = vi.fn()
    const { problem, load } = list(ask)
    await load({ system: '' })
    expect(problem.value?.needsLogin).toBe(true)
    session.accept(tokens(1))
    await load({ system: '' })
    expect(problem.value).toMatchObject({ needsLevel: true, requiredLevel: 3 })
    expect(ask).not.toHaveBeenCalled()
  })

  it('forgets everything when the session ends or another person logs in', async () => {
    session.accept(tokens(3))
    const { items, problem, loadedOnce, load } = list(async () => ({ items: [reading('a')], next_cursor: null }))
    await load({ system: '' })
    session.clear()
    await nextTick()
    expect([items.value, loadedOnce.value, problem.value?.needsLogin]).toEqual([[], false, true])
    session.accept({ ...tokens(3), person: { ...tokens(3).person, id: 'somebody-else' } })
    await nextTick()
    expect([items.value, problem.value]).toEqual([[], null])
  })

  it.each([401, 403])('shows nothing on after a refusal (%i), and keeps what was there when the network fails', async (status) => {
    session.accept(tokens(3))
    let failure = new Problem({ status: 0, code: 'client.offline' })
    let broken = false
    const { items, problem, load } = list(async () => {
      if (broken) throw failure
      return { items: [reading('a')], next_cursor: null }
    })
    await load({ system: '' })
    broken = true
    await load({ system: '' })
    await nextTick()
    expect(items.value).toHaveLength(1)
    expect(problem.value?.offline).toBe(true)
    failure = new Problem({ status, code: 'x' })
    await load({ system: '' })
    await nextTick()
    expect(items.value).toEqual([])
    expect(problem.value?.status).toBe(status)
  })
})

describe('words of the data catalogue', () => {
  it('say who may use what', () => {
    expect(SHARE_TYPES.map((one) => `${one.plain}/${one.official}`)).toEqual(['各部门都能直接用/无条件共享', '符合条件才能用/有条件共享', '不共享/不予共享'])
    expect(shareWords(2).plain).toBe('符合条件才能用')
    expect(shareWords(9 as never).official).toBe('不予共享')
    expect(mount(ShareMark, { props: { type: 1 } }).text()).toBe('各部门都能直接用')
  })

  it('know every code of the directory, and show what they do not know', () => {
    expect(['realtime', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly', 'on_demand'].map(cycleText).every((words) => words.endsWith('更新'))).toBe(true)
    expect(modesText(['interface', 'batch', 'file', 'pigeon'])).toBe('逐次查询、成批交换、文件交付、pigeon')
    expect([openingText('disallowed'), categoryText('base'), itemTypeText('money')]).toEqual(['不向社会开放', '基础信息', '金额'])
    expect([openingText('x'), categoryText('x'), itemTypeText('x'), cycleText('x')]).toEqual(['x', 'x', 'x', 'x'])
  })
})
