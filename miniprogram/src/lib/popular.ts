import type { ItemCard } from '@/api/types'

/**
 * A few items for “大家常办”: those that can be had here, the frequent ones first, and one of each
 * department before a second of any, so that one large department does not fill the list.
 */
export function popularItems(items: readonly ItemCard[], count: number): ItemCard[] {
  const open = items.filter((item) => item.available).sort((a, b) => Number(b.hot) - Number(a.hot))
  const taken = new Map<string, number>()
  const turn = new Map<ItemCard, number>()
  for (const item of open) {
    const before = taken.get(item.department.code) ?? 0
    taken.set(item.department.code, before + 1)
    turn.set(item, before)
  }
  return open.sort((a, b) => (turn.get(a) ?? 0) - (turn.get(b) ?? 0)).slice(0, count)
}
