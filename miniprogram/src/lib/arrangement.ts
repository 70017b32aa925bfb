import type { Arrangement, LicenceCard } from '@/api/types'

/** Favourites on top, then the order that was chosen, then what is not in it in the wallet's own order. */
export function arranged<T extends { id: string }>(cards: readonly T[], { order, favourites }: Arrangement): T[] {
  const place = (card: T) => {
    const found = order.indexOf(card.id)
    return found < 0 ? order.length : found
  }
  const rank = new Map(cards.map((card, index) => [card.id, index]))
  const own = (card: T) => rank.get(card.id) ?? 0
  const liked = (card: T) => (favourites.includes(card.id) ? 0 : 1)
  return [...cards].sort((one, other) => liked(one) - liked(other) || place(one) - place(other) || own(one) - own(other))
}

/** The same with a card among the favourites, or no longer among them. */
export function toggled({ order, favourites }: Arrangement, id: string): Arrangement {
  const left = favourites.filter((one) => one !== id)
  return { order, favourites: left.length < favourites.length ? left : [...favourites, id] }
}

/** The same with a card so many places further down; a favourite stays among favourites. */
export function moved(cards: readonly LicenceCard[], { favourites }: Arrangement, id: string, by: number): Arrangement {
  const ids = cards.map((card) => card.id)
  const from = ids.indexOf(id)
  const to = from + by
  const inside = from >= 0 && to >= 0 && to < ids.length
  if (inside && favourites.includes(ids[to]) === favourites.includes(id)) ids.splice(to, 0, ...ids.splice(from, 1))
  return { order: ids, favourites }
}
