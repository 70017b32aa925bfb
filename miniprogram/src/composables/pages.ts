import { computed, ref, shallowRef, watch } from 'vue'
import { asProblem, Problem } from '@/api/problem'
import type { Level, Page } from '@/api/types'
import { useSession } from '@/stores/session'
import { refusal } from './wallet'

export type AskPage<F, P> = (filters: F, cursor: string | null) => Promise<P>

/** A page of a list from which the type of its entries is taken. */
type Entry<P> = P extends Page<infer T> ? T : never

/**
 * A list that comes page by page. Changing what it is narrowed by starts anew and keeps what is shown
 * until the new answer is there; an answer that was overtaken is dropped, and nothing is shown twice.
 */
export function usePages<F extends object, P extends Page<unknown>>(ask: AskPage<F, P>, keyOf: (item: Entry<P>) => string) {
  const items = shallowRef<Entry<P>[]>([])
  /** The first page, for what it says of the whole list. */
  const first = shallowRef<P | null>(null)
  const loading = ref(false)
  const loadingMore = ref(false)
  const problem = shallowRef<Problem | null>(null)
  const moreProblem = shallowRef<Problem | null>(null)
  const loadedOnce = ref(false)
  const cursor = ref<string | null>(null)
  let current = {} as F
  let turn = 0

  async function load(filters: F): Promise<void> {
    const mine = ++turn
    current = { ...filters }
    loading.value = true
    loadingMore.value = false
    try {
      const page = await ask(current, null)
      if (mine !== turn) return
      first.value = page
      items.value = page.items as Entry<P>[]
      cursor.value = page.next_cursor
      problem.value = null
      moreProblem.value = null
      loadedOnce.value = true
    } catch (thrown) {
      if (mine === turn) problem.value = asProblem(thrown)
    } finally {
      if (mine === turn) loading.value = false
    }
  }

  async function more(): Promise<void> {
    if (!cursor.value || loadingMore.value || loading.value) return
    const mine = turn
    loadingMore.value = true
    try {
      const page = await ask(current, cursor.value)
      if (mine !== turn) return
      const known = new Set(items.value.map(keyOf))
      items.value = [...items.value, ...(page.items as Entry<P>[]).filter((item) => !known.has(keyOf(item)))]
      cursor.value = page.next_cursor
      moreProblem.value = null
    } catch (thrown) {
      if (mine === turn) moreProblem.value = asProblem(thrown)
    } finally {
      if (mine === turn) loadingMore.value = false
    }
  }

  /** Forget what was loaded, and an answer that is still on its way. */
  function reset(): void {
    turn += 1
    items.value = []
    first.value = null
    cursor.value = null
    problem.value = null
    moreProblem.value = null
    loading.value = false
    loadingMore.value = false
    loadedOnce.value = false
  }

  const retry = () => load(current)
  const hasMore = computed(() => cursor.value !== null)
  return { items, first, loading, loadingMore, problem, moreProblem, loadedOnce, hasMore, load, more, retry, reset }
}

/**
 * As usePages, for what belongs to the person who is logged in and needs a level: nothing is asked
 * that would be refused, and nothing of one person is left when their session or their right to it
 * ends, or when another one logs in.
 */
export function usePersonalPages<F extends object, P extends Page<unknown>>(ask: AskPage<F, P>, keyOf: (item: Entry<P>) => string, level: Level) {
  const session = useSession()
  const pages = usePages<F, P>(async (filters, cursor) => {
    const refused = refusal(session.level.value, level)
    if (refused) throw refused
    return ask(filters, cursor)
  }, keyOf)

  function forget(refused: Problem | null): void {
    pages.reset()
    pages.problem.value = refused
  }
  watch([pages.problem, pages.moreProblem], ([one, another]) => {
    const refused = [one, another].find((problem) => problem?.status === 401 || problem?.status === 403)
    if (refused && pages.loadedOnce.value) forget(refused)
  })
  watch(
    () => session.state.person?.id,
    (id) => forget(id ? null : refusal(null, level)),
    // At once: what is asked for right after a log-in is not to be forgotten with the rest.
    { flush: 'sync' },
  )
  return pages
}
