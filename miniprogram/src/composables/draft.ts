import { reactive } from 'vue'

const drafts = new Map<string, object>()

/**
 * What was typed into a form stays while the app runs, so going back loses nothing. It is kept in
 * memory only: names and numbers are not written to the device.
 */
export function useDraft<T extends object>(key: string, empty: () => T): { draft: T; drop: () => void } {
  let draft = drafts.get(key) as T | undefined
  if (!draft) {
    draft = reactive(empty()) as T
    drafts.set(key, draft)
  }
  return { draft, drop: () => drafts.delete(key) }
}
