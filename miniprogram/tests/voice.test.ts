import { describe, expect, it } from 'vitest'
import type { Evaluation, Ticket } from '@/api/voiceTypes'
import { acceptedIn } from '@/messages/subscribe'
import { isBad, nextOf, orderText } from '@/voice/words'

const ticket = (given: Partial<Ticket>): Ticket => ({ department: '省公安厅', due_on: '2026-12-02', provisional: false, left: 3, ...given }) as Ticket
const evaluation = (given: Partial<Evaluation>): Evaluation => ({ due_on: '2026-11-18', ...given }) as Evaluation

describe('what WeChat answered', () => {
  it('counts 允许 alone, and nothing that was not asked for', () => {
    const answers = { a: 'accept', b: 'reject', c: 'ban', d: 'filter', e: 'accept', errMsg: 'ok' }
    expect(acceptedIn(['a', 'b', 'c', 'd'], answers)).toEqual(['a'])
  })
})

describe('what comes next for a ticket', () => {
  it('says who, until when, and that a late one is seen to', () => {
    expect(nextOf(ticket({ state: 'assigned' }))).toBe('省公安厅正在办理，最晚2026年12月2日答复')
    expect(nextOf(ticket({ state: 'assigned', left: -1 }))).toContain('已超期，正在督办')
    expect(nextOf(ticket({ state: 'submitted', provisional: true }))).toContain('预计最晚2026年12月2日交给它办')
    expect(nextOf(ticket({ state: 'withdrawn' }))).toBe('您已撤回')
  })
})

describe('what became of a bad evaluation', () => {
  it('names the day while the department has it, and nothing for a good one', () => {
    expect(orderText(evaluation({ order: 'assigned' }))).toContain('最晚2026年11月18日前反馈')
    expect(orderText(evaluation({ order: 'answered' }))).toContain('请您确认')
    expect(orderText(evaluation({ order: null }))).toBe('')
  })

  it('is bad from 不满意 on', () => {
    expect([1, 2, 3, 4, 5].map(isBad)).toEqual([false, false, false, true, true])
  })
})
