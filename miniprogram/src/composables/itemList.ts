import { computed, ref, shallowRef } from 'vue'
import { api } from '@/api/client'
import { asProblem, type Problem } from '@/api/problem'
import type { Audience, ItemCard, ItemPage } from '@/api/types'

/** What a list of service items is narrowed by. Empty means: not narrowed. */
export interface ItemFilters {
  q?: string
  audience?: Audience | ''
  theme?: string
  department?: string
  region?: string
  online?: boolean
}

const PAGE = 20

/** The query of one page, without what does not narrow. */
export function itemQuery(filters: ItemFilters, cursor: string | null = null) {
  return {
    q: filters.q?.trim() || undefined,
    audience: filters.audience || undefined,
    theme: filters.theme || undefined,
    department: filters.department || undefined,
    region: filters.region || undefined,
    online: filters.online ? true : undefined,
    cursor: cursor ?? undefined,
    limit: PAGE,
  }
}

type Ask = (filters: ItemFilters, cursor: string | null) => Promise<ItemPage>

const askGateway: Ask = (filters, cursor) =>
  api.get<ItemPage>('/public/service-items', itemQuery(filters, cursor), { anonymous: true })

/**
 * A list of service items, page by page. Changing the filters starts anew and keeps what is shown
 * until the new answer is there; an answer that was overtaken is dropped.
 */
export function useItemList(ask: Ask = askGateway) {
  const items = shallowRef<ItemCard[]>([])
  const total = ref(0)
  const suggestion = ref<string | null>(null)
  const loading = ref(false)
  const loadingMore = ref(false)
  const problem = shallowRef<Problem | null>(null)
  const moreProblem = shallowRef<Problem | null>(null)
  const loadedOnce = ref(false)
  const cursor = ref<string | null>(null)
  let current: ItemFilters = {}
  let turn = 0

  async function load(filters: ItemFilters): Promise<void> {
    const mine = ++turn
    current = { ...filters }
    loading.value = true
    loadingMore.value = false
    try {
      const page = await ask(current, null)
      if (mine !== turn) return
      items.value = page.items
      total.value = page.total
      suggestion.value = page.suggestion
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
      const known = new Set(items.value.map((item) => item.id))
      items.value = [...items.value, ...page.items.filter((item) => !known.has(item.id))]
      cursor.value = page.next_cursor
      moreProblem.value = null
    } catch (thrown) {
      if (mine === turn) moreProblem.value = asProblem(thrown)
    } finally {
      if (mine === turn) loadingMore.value = false
    }
  }

  const retry = () => load(current)
  const hasMore = computed(() => cursor.value !== null)
  return { items, total, suggestion, loading, loadingMore, problem, moreProblem, loadedOnce, hasMore, load, more, retry }
}
