import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import { useVerifying } from '@/composables/verifying'
import type { ScanResult } from '@/api/types'

const SHOWN = { state: 'shown', licence: { type_name: '居民身份证' }, fields: [] } as unknown as ScanResult
const WAITING = { state: 'waiting', token: 'a b', expires_in: 60 } as unknown as ScanResult
const STILL = { state: 'waiting' } as unknown as ScanResult
const USED = new Problem({ status: 410, code: 'presentation.code_used' })
const OFFLINE = new Problem({ status: 0, code: 'client.offline' })
const ANYONE = { loggedIn: false, name: '前台' }

/** The composable in a page of its own, which can be left. */
function page() {
  let found!: ReturnType<typeof useVerifying>
  const wrapper = mount(defineComponent({ setup: () => ((found = useVerifying()), () => h('view')) }))
  return { ...found, leave: () => wrapper.unmount() }
}

/** Answers one after the other; a problem is thrown. */
function answers(method: 'get' | 'post', ...all: (ScanResult | Problem)[]) {
  const spy = vi.spyOn(api, method)
  for (const one of all) {
    if (one instanceof Problem) spy.mockRejectedValueOnce(one)
    else spy.mockResolvedValueOnce(one)
  }
  return spy
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('looking at a licence by a code', () => {
  it('says who looks: an account, or the name that was given', async () => {
    const post = answers('post', SHOWN, SHOWN)
    const here = page()
    await here.look('CODE', ANYONE, '入住')
    expect(here.stage.value).toBe('shown')
    expect(here.result.value).toEqual(SHOWN)
    await here.look('CODE', { loggedIn: true, name: '' }, '入住')
    expect(post.mock.calls).toEqual([
      ['/public/verification/scans', { code: 'CODE', purpose: '入住', verifier: '前台' }, { anonymous: true }],
      ['/citizen/presentations/verifications', { code: 'CODE', purpose: '入住' }, { anonymous: false }],
    ])
  })

  it('waits for the word of the holder, through a network that is cut meanwhile', async () => {
    answers('post', WAITING)
    const get = answers('get', STILL, OFFLINE, SHOWN)
    const here = page()
    const looked = here.look('CODE', ANYONE, '入住')
    await vi.advanceTimersByTimeAsync(1000)
    expect(here.stage.value).toBe('waiting')
    expect(here.left.value).toBe(59)
    await vi.advanceTimersByTimeAsync(3000)
    await looked
    expect(here.stage.value).toBe('shown')
    expect(get.mock.calls[0]?.[0]).toBe('/public/verification/scans/a%20b')
  })

  it('is refused when the holder says nothing for as long as the code allows', async () => {
    answers('post', WAITING)
    vi.spyOn(api, 'get').mockResolvedValue(STILL)
    const here = page()
    const looked = here.look('CODE', ANYONE, '入住')
    await vi.advanceTimersByTimeAsync(63_000)
    await looked
    expect(here.stage.value).toBe('refused')
    expect(here.problem.value?.code).toBe('presentation.request_unknown')
    expect(here.left.value).toBe(0)
  })

  it('shows the refusal and nothing else', async () => {
    answers('post', USED)
    const here = page()
    await here.look('CODE', ANYONE, '入住')
    expect([here.stage.value, here.problem.value?.code, here.result.value]).toEqual(['refused', USED.code, null])
  })

  it.each([
    ['shows', SHOWN],
    ['refuses', USED],
  ])('never %s what belongs to a look before', async (_, late) => {
    let tell!: (found: ScanResult | PromiseLike<ScanResult>) => void
    vi.spyOn(api, 'post').mockReturnValueOnce(new Promise<ScanResult>((done) => (tell = done)))
    const here = page()
    const first = here.look('OLD', ANYONE, '入住')
    here.reset()
    tell(late instanceof Problem ? Promise.reject(late) : late)
    await first
    expect([here.stage.value, here.result.value, here.problem.value]).toEqual(['form', null, null])
  })

  it('keeps nothing of what was seen when the page is left', async () => {
    answers('post', SHOWN)
    const here = page()
    await here.look('CODE', ANYONE, '入住')
    here.leave()
    expect([here.stage.value, here.result.value]).toEqual(['form', null])
  })
})
