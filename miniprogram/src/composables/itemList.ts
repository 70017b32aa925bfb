import { computed } from 'vue'
import { api } from '@/api/client'
import type { Audience, ItemPage } from '@/api/types'
import { usePages, type AskPage } from './pages'

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

const askGateway: AskPage<ItemFilters, ItemPage> = (filters, cursor) =>
  api.get<ItemPage>('/public/service-items', itemQuery(filters, cursor), { anonymous: true })

/** A list of service items, page by page, with what the gateway says of the whole of it. */
export function useItemList(ask: AskPage<ItemFilters, ItemPage> = askGateway) {
  const pages = usePages<ItemFilters, ItemPage>(ask, (item) => item.id)
  const total = computed(() => pages.first.value?.total ?? 0)
  const suggestion = computed(() => pages.first.value?.suggestion ?? null)
  return { ...pages, total, suggestion }
}
