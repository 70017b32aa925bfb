import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import { useTypingPause } from '@/composables/typing'

describe('a search that follows typing', () => {
  const words = ref('')
  const searched: string[] = []
  let scope: EffectScope
  let search: () => void

  beforeEach(() => {
    vi.useFakeTimers()
    words.value = ''
    searched.length = 0
    scope = effectScope()
    search = scope.run(() => useTypingPause(() => words.value, () => searched.push(words.value)))!
  })

  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  async function type(text: string): Promise<void> {
    words.value = text
    await nextTick()
  }

  it('waits for a pause and searches once', async () => {
    for (const text of ['户', '户口']) {
      await type(text)
      vi.advanceTimersByTime(300)
    }
    expect(searched).toEqual([])
    vi.advanceTimersByTime(300)
    expect(searched).toEqual(['户口'])
  })

  it('does not search again for what was searched for before the pause was over', async () => {
    await type('户口')
    search()
    vi.advanceTimersByTime(1000)
    expect(searched).toEqual(['户口'])
  })

  it('does not search again for words that the page itself took away', async () => {
    await type('没有这种数据的')
    vi.advanceTimersByTime(500)
    words.value = ''
    search()
    await nextTick()
    vi.advanceTimersByTime(1000)
    expect(searched).toEqual(['没有这种数据的', ''])
  })

  it('does not search for a space more, or for what was typed and taken back', async () => {
    await type('户口')
    search()
    await type('户口 ')
    await type('户口本')
    await type('户口')
    vi.advanceTimersByTime(1000)
    expect(searched).toEqual(['户口'])
  })

  it('does not search for a page that is gone', async () => {
    await type('户口')
    scope.stop()
    vi.advanceTimersByTime(1000)
    expect(searched).toEqual([])
  })
})
