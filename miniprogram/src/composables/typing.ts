import { onScopeDispose, watch } from 'vue'

const PAUSE_MS = 450

/**
 * A search that starts when typing pauses. What it gives searches at once; words that were searched
 * for that way, or that the page itself put there before it did so, are not searched for once more:
 * a second search would throw away the pages that were added to the first one meanwhile.
 */
export function useTypingPause(words: () => string, search: () => void): () => void {
  let asked = words().trim()
  let timer: ReturnType<typeof setTimeout> | undefined

  function now(): void {
    clearTimeout(timer)
    asked = words().trim()
    search()
  }

  watch(words, (typed) => {
    clearTimeout(timer)
    if (typed.trim() !== asked) timer = setTimeout(now, PAUSE_MS)
  })
  onScopeDispose(() => clearTimeout(timer))
  return now
}
