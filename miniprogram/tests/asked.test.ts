import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import { unwatchAsked, useAsked, watchAsked } from '@/composables/asked'
import { useSession } from '@/stores/session'
import { person, tokens } from './people'

const session = useSession()
const { waiting } = useAsked()
const SOMEBODY = { items: [{ id: 'q' }] }

function logIn(id: string): void {
  session.accept(tokens(3, { person: person(3, { id }) }))
}

beforeEach(() => {
  vi.useFakeTimers()
  logIn('one')
})
afterEach(() => {
  unwatchAsked()
  session.clear()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('whether somebody waits for the word of this person', () => {
  it('is asked for a while after a code was on the screen, and not before', async () => {
    const get = vi.spyOn(api, 'get').mockResolvedValue({ items: [] })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(get).not.toHaveBeenCalled()
    watchAsked()
    await vi.advanceTimersByTimeAsync(3_000)
    expect([get.mock.calls.length, waiting.value]).toEqual([1, false])
    get.mockResolvedValue(SOMEBODY)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(waiting.value).toBe(true)
    await vi.advanceTimersByTimeAsync(80_000)
    const asked = get.mock.calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect([get.mock.calls.length, waiting.value]).toEqual([asked, false])
  })

  it('is no longer said when the page of the code is open again', async () => {
    vi.spyOn(api, 'get').mockResolvedValue(SOMEBODY)
    watchAsked()
    await vi.advanceTimersByTimeAsync(3_000)
    unwatchAsked()
    expect(waiting.value).toBe(false)
  })

  it('is asked on through a network that is cut', async () => {
    const get = vi.spyOn(api, 'get').mockRejectedValueOnce(new Problem({ status: 0, code: 'client.offline' }))
    get.mockResolvedValue(SOMEBODY)
    watchAsked()
    await vi.advanceTimersByTimeAsync(6_000)
    expect(waiting.value).toBe(true)
  })

  it('is nothing for whoever logs in afterwards', async () => {
    const get = vi.spyOn(api, 'get').mockResolvedValue(SOMEBODY)
    watchAsked()
    await vi.advanceTimersByTimeAsync(3_000)
    expect(waiting.value).toBe(true)
    logIn('other')
    expect(waiting.value).toBe(false)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(get).toHaveBeenCalledTimes(1)
  })
})
