import { onBeforeUnmount, reactive, ref } from 'vue'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Revealed } from '@/api/types'

/** Seconds that a revealed value stays in sight. */
export const REVEAL_SECONDS = 30

/**
 * Values that are masked until tapped. Each reveal is asked of the gateway, which writes it down;
 * the value is kept in memory only and goes after half a minute or when the page is left.
 */
export function useReveal(base: () => string, say: (words: string) => void) {
  const shown = reactive<Record<string, string>>({})
  const busy = ref('')
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  let visit = 0

  function hide(field: string): void {
    clearTimeout(timers.get(field))
    timers.delete(field)
    delete shown[field]
  }

  function hideAll(): void {
    visit += 1
    for (const field of Object.keys(shown)) hide(field)
  }

  async function toggle(field: string, label: string): Promise<void> {
    if (field in shown) {
      hide(field)
      say(`${label}已遮住`)
      return
    }
    if (busy.value) return
    busy.value = field
    const asked = visit
    try {
      const answer = await api.post<Revealed>(`${base()}/reveal`, { field })
      if (asked !== visit) return
      shown[field] = answer.value
      timers.set(field, setTimeout(() => hide(field), REVEAL_SECONDS * 1000))
      say(`${label}已显示，${REVEAL_SECONDS} 秒后自动遮住`)
    } catch (thrown) {
      say(asProblem(thrown).detail)
    } finally {
      busy.value = ''
    }
  }

  onBeforeUnmount(hideAll)
  return { shown, busy, toggle, hide, hideAll }
}
