import { computed, ref, type ShallowRef } from 'vue'
import type { Problem } from '@/api/problem'
import { dropStored, readStored, writeStored } from '@/lib/storage'
import { useSession } from '@/stores/session'
import { usePersonalLoad } from './load'

const NEW_ENOUGH_MS = 60_000

/** Where a page is kept for the time without a network; the key is one that goes with the log-in. */
export interface Shelf<T> {
  key: string
  /** What of it this phone may keep. */
  keep?: (fresh: T) => T
  /** What was kept as it is shown now, marked as old. */
  recall: (kept: T) => T
}

interface Kept<T> {
  owner: string
  value: T
}

/** Keep for one owner; what was kept for another one is overwritten. */
function keepFor<T>(shelf: Shelf<T>, owner: string, fresh: T): void {
  writeStored(shelf.key, { owner, value: shelf.keep?.(fresh) ?? fresh })
}

/** What was kept for this owner; that of another one is thrown away. */
function keptFor<T>(shelf: Shelf<T>, owner: string): T | null {
  const kept = readStored<Kept<T>>(shelf.key)
  if (kept?.owner === owner && kept.value) return shelf.recall(kept.value)
  dropStored(shelf.key)
  return null
}

/**
 * As usePersonalLoad, for what this phone keeps: without a network the same person at the same level
 * sees what they saw last, also after a restart.
 */
export function useKeptLoad<T>(shelf: Shelf<T>, ask: () => Promise<T>) {
  const session = useSession()
  const { data, problem, loading, load } = usePersonalLoad(ask)
  const owner = computed(() => (session.loggedIn.value ? `${session.state.person?.id ?? ''}:${session.level.value}` : ''))
  /** What is shown comes from this phone. */
  const recalled = ref(false)
  let loadedAt = 0
  let loadedFor = ''

  /** Load unless the same person's was loaded a moment ago. */
  async function show(force = false): Promise<void> {
    const same = owner.value === loadedFor
    if (!same) data.value = null
    if (!force && same && data.value && !problem.value && Date.now() - loadedAt < NEW_ENOUGH_MS) return
    loadedFor = owner.value
    await load()
    loadedAt = Date.now()
    if (owner.value && owner.value === loadedFor) remember(data, problem.value)
  }

  function remember(shown: ShallowRef<T | null>, failed: Problem | null): void {
    if (shown.value && !failed) {
      recalled.value = false
      keepFor(shelf, loadedFor, shown.value)
    } else if (!shown.value && failed?.offline) {
      shown.value = keptFor(shelf, loadedFor)
      recalled.value = shown.value !== null
    }
  }

  return { data, problem, loading, recalled, show }
}
