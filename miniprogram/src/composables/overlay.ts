import { nextTick, watch } from 'vue'
import { isH5 } from '@/platform'

/** The keyboard goes into what opens over the page and, when it closes, back to where it was. */
export function useOverlay(open: () => boolean, first: () => HTMLElement | null): void {
  let cameFrom: HTMLElement | null = null

  watch(open, (now) => {
    if (!isH5) return
    if (now) {
      cameFrom = document.activeElement as HTMLElement | null
      nextTick(() => first()?.focus())
    } else {
      cameFrom?.focus?.()
    }
  })
}
