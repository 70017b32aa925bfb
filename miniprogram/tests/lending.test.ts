import { mount } from '@vue/test-utils'
import { describe, expect, it, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { Problem } from '@/api/problem'
import type { Loan } from '@/api/lendingTypes'
import type { ShownCode } from '@/api/types'
import FactGroups from '@/components/FactGroups.vue'
import { useAct } from '@/composables/act'
import { useShowing, type ShowSource } from '@/composables/showing'
import PickOne from '@/components/PickOne.vue'
import { offerOf } from '@/lending/sources'
import { checkVerdict, copyCodeIn, dayAhead, dayIn, grouped, holds, invitationIn, invitationLink, invitationWords, lastDay, sortedByState, stateLook, systemsNamed, timesText } from '@/lib/lending'

const CODE = '7H3K5QZ2M4XW'
const COPY = 'ABCDEFGHIJKLMNOPQRSTUV27'
const NOW = Date.parse('2026-11-25T23:30:00+08:00')

const loan = (more: Partial<Loan>): Loan => ({
  id: 'a',
  licence_id: 'l1',
  type_code: 'x',
  type_name: '机动车驾驶证',
  owner: '张*',
  grantee_kind: 'person',
  grantee: '李**',
  purpose: '代办业务',
  fields: [{ name: 'holder_name', label: '持证主体' }],
  times: 3,
  used: 0,
  ends_at: '2026-12-06T00:00:00+08:00',
  state: 'active',
  state_label: '生效中',
  created_at: '2026-11-25T10:00:00+08:00',
  invitation: null,
  ...more,
})

describe('an invitation', () => {
  test.each([CODE, CODE.toLowerCase(), '7H3K 5QZ2 M4XW', '7h3k-5qz2-m4xw\n', invitationWords('loan', CODE, 'https://gov.example/', '驾驶证')])('is found in “%s”', (text) => {
    expect(invitationIn(text)?.code).toBe(CODE)
  })

  test.each([['loan'], ['family']] as const)('says by its address that it is for %s', (kind) => {
    const link = invitationLink('https://gov.example', kind, CODE)
    expect(invitationIn(link)).toEqual({ code: CODE, kind })
    expect(invitationIn(invitationWords(kind, CODE, link))).toEqual({ code: CODE, kind })
    // The code is behind the #: no server on the way reads it.
    expect(new URL(link).pathname + new URL(link).search).toBe('/')
  })

  test.each(['', '7H3K', `${CODE}A`, CODE.replace('7', '0'), '没有邀请码的一句话', 'https://gov.example/#/lending/take?code=short'])('is not in “%s”', (text) => {
    expect(invitationIn(text)).toBeNull()
  })

  test('is read in groups', () => {
    expect(grouped(CODE)).toBe('7H3K 5QZ2 M4XW')
    expect(invitationIn(grouped(CODE))?.code).toBe(CODE)
  })
})

describe('the code of a copy', () => {
  test.each([COPY, COPY.toLowerCase(), grouped(COPY, 6), `https://gov.example/#/lending/check?code=${COPY}`])('is found in “%s”', (text) => {
    expect(copyCodeIn(text)).toBe(COPY)
  })

  test.each(['', COPY.slice(1), `${COPY}A`, COPY.replace('A', '1')])('is not in “%s”', (text) => {
    expect(copyCodeIn(text)).toBeNull()
  })

  test('every state has words of its own, and only one is good', () => {
    const states = ['valid', 'expired', 'withdrawn', 'licence_invalid', 'unconfirmed'] as const
    const verdicts = states.map(checkVerdict)
    expect(new Set(verdicts.map((one) => one.title)).size).toBe(states.length)
    expect(verdicts.filter((one) => one.mood === 'good')).toHaveLength(1)
    expect(verdicts.every((one) => one.text !== '' && one.icon !== '')).toBe(true)
  })
})

test('systems are found by words of their name', () => {
  const systems = [{ code: 'a', name: '广东省公安厅（省公安厅）' }, { code: 'b', name: '广东省民政厅（省民政厅）' }]
  expect(systemsNamed(systems, ' 民 政 ').map((one) => one.code)).toEqual(['b'])
  expect(systemsNamed(systems, '')).toHaveLength(2)
  expect(systemsNamed(systems, '税务')).toEqual([])
})

describe('days', () => {
  it('are those of China', () => {
    expect(dayAhead(0, NOW)).toBe('2026-11-25')
    expect(dayAhead(1, NOW)).toBe('2026-11-26')
    expect(dayAhead(0, NOW + 3600_000)).toBe('2026-11-26')
  })

  test.each([
    ['2026-12-1', '2026-12-01'],
    ['20261201', '2026-12-01'],
    ['2026年12月1日', '2026-12-01'],
    [' 2026/11/25 ', '2026-11-25'],
    ['2027-11-26', '2027-11-26'],
  ])('typed as “%s”', (text, day) => {
    expect(dayIn(text, NOW)).toBe(day)
  })

  test.each(['', '明天', '2026-11-24', '2026-02-30', '2027-11-27', '2026-13-01', '12-01'])('are not “%s”', (text) => {
    expect(dayIn(text, NOW)).toBeNull()
  })

  it('the last one is told by the end, whether a moment or the day after', () => {
    expect(lastDay('2026-12-06T00:00:00+08:00')).toBe('2026年12月5日')
    expect(lastDay('2026-12-06')).toBe('2026年12月5日')
    expect(lastDay('')).toBe('')
  })
})

describe('a loan', () => {
  it('says how often it can still be used', () => {
    expect(timesText(loan({}))).toBe('可用 3 次')
    expect(timesText(loan({ used: 1 }))).toBe('还可用 2 次（共 3 次）')
    expect(timesText(loan({ used: 4 }))).toBe('还可用 0 次（共 3 次）')
  })

  it('stands among those that hold or those that are over', () => {
    const all = (['invited', 'active', 'used_up', 'expired', 'revoked', 'returned'] as const).map((state) => loan({ id: state, state }))
    const { open, over } = sortedByState(all)
    expect(open.map((one) => one.id)).toEqual(['invited', 'active'])
    expect(over).toHaveLength(4)
    expect([holds('valid'), holds('withdrawn')]).toEqual([true, false])
    expect(['active', 'invited', 'revoked', 'something new'].map((state) => stateLook(state).mood)).toEqual(['good', 'wait', 'over', 'over'])
  })

  it('offers exactly what was agreed', () => {
    expect(offerOf(loan({})).facts.map((fact) => fact.name)).toEqual(['holder_name'])
  })
})

describe('an answer out of a few, or one’s own', () => {
  const options = [
    { value: '1', text: '1 次' },
    { value: '3', text: '3 次' },
  ]
  const pick = (modelValue: string) => mount(PickOne, { props: { id: 'times', label: '能用几次', options, own: '次数', modelValue } })

  it('is checked where it stands, and tells what was picked', async () => {
    const one = pick('3')
    const radios = one.findAll('[role=radio]')
    expect(radios.map((radio) => radio.attributes('aria-checked'))).toEqual(['false', 'true', 'false'])
    await radios[0].trigger('click')
    expect(one.emitted('update:modelValue')).toEqual([['1']])
  })

  it('gives up the common answer for a field, and keeps what was typed before', async () => {
    const one = pick('1')
    await one.findAll('[role=radio]')[2].trigger('click')
    expect(one.emitted('update:modelValue')).toEqual([['']])
    expect(one.find('input').exists()).toBe(true)
    expect(pick('7').find('input').exists()).toBe(true)
    expect(one.get('[role=radiogroup]').attributes('aria-labelledby')).toBe('times-title')
  })
})

describe('facts to choose', () => {
  it('come in the order of the face, whatever was tapped first', async () => {
    const facts = [
      { name: 'holder_name', label: '姓名', sensitive: true, predicate: false },
      { name: 'age_over_18', label: '年满18周岁', sensitive: false, predicate: true },
    ]
    const groups = mount(FactGroups, { props: { facts, picked: ['age_over_18'] } })
    const boxes = groups.findAll('[role=checkbox]')
    expect(boxes.map((box) => box.attributes('aria-label'))).toEqual(['年满18周岁', '姓名（完整内容）'])
    await boxes[1].trigger('click')
    await boxes[0].trigger('click')
    expect(groups.emitted('change')).toEqual([[['holder_name', 'age_over_18']], [[]]])
  })
})

describe('an act', () => {
  it('is done once at a time, and says why it was not', async () => {
    const { busy, problem, act } = useAct()
    let finish: (words: string) => void = () => undefined
    const first = act(() => new Promise<string>((resolve) => (finish = resolve)))
    expect(busy.value).toBe(true)
    expect(await act(async () => '第二次')).toBeNull()
    finish('第一次')
    expect(await first).toBe('第一次')
    expect(await act(async () => Promise.reject(new Problem({ status: 410, code: 'lending.loan_revoked', detail: '已被收回' })))).toBeNull()
    expect([busy.value, problem.value?.detail]).toEqual([false, '已被收回'])
    await act(async () => 'x')
    expect(problem.value).toBeNull()
  })
})

describe('a code of a licence that is not mine', () => {
  const code = (name: string): ShownCode => ({ code: name, text: `https://gov.example/verify#c=${name}`, expires_in: 60, renew_after: 45, shows: [], confirm: 'never' })

  /** As a page has it. */
  function shown(source: ShowSource) {
    let made: ReturnType<typeof useShowing> | undefined
    mount({ setup: () => void (made = useShowing(source)), render: () => null })
    return made!
  }

  it('comes from its own source and waits for no log that is not mine', async () => {
    const asked: string[] = []
    const source: ShowSource = {
      offer: async () => offerOf(loan({})),
      code: async (_, replaces) => {
        asked.push(replaces)
        return code('first')
      },
    }
    const showing = shown(source)
    await showing.show({ licenceId: 'l1', fields: ['holder_name'], purpose: '代办业务', confirm: false })
    await nextTick()
    expect(showing.code.value?.code).toBe('first')
    expect(showing.problem.value).toBeNull()
    expect(asked).toEqual([''])
    showing.leave()
    expect(showing.code.value).toBeNull()
  })

  it('says why there is none', async () => {
    const source: ShowSource = { offer: async () => offerOf(loan({})), code: vi.fn().mockRejectedValue(new Problem({ status: 409, code: 'lending.loan_used_up', detail: '次数已用完' })) }
    const showing = shown(source)
    await showing.show({ licenceId: 'l1', fields: [], purpose: '代办业务', confirm: false })
    expect(showing.problem.value?.detail).toBe('次数已用完')
    showing.leave()
  })
})
