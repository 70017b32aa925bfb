import type { LicenceCard } from '@/api/types'

/** Licences that somebody may be shown: valid ones, those used at counters most often first. */
const OFTEN = ['身份证', '社会保障卡', '驾驶证', '行驶证', '医保']

function rank(card: LicenceCard): number {
  const index = OFTEN.findIndex((word) => card.name.includes(word))
  return index < 0 ? OFTEN.length : index
}

export function usableLicences(cards: readonly LicenceCard[]): LicenceCard[] {
  return cards.filter((card) => card.status === 'VALID').sort((a, b) => rank(a) - rank(b))
}
