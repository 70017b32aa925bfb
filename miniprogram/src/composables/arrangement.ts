import { computed, reactive, ref } from 'vue'
import { api } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Arrangement, LicenceCard } from '@/api/types'
import { arranged, moved, toggled } from '@/lib/arrangement'
import { readStored, writeStored } from '@/lib/storage'
import { useNotice } from '@/stores/notice'
import { KEPT_ARRANGEMENTS } from '@/stores/session'

const NONE: Arrangement = { order: [], favourites: [] }

/** Shown at once and without a network; the gateway's word counts. One for each wallet. */
const shelf = reactive<{ owner: string; wallets: Record<string, Arrangement> }>({ owner: '', wallets: {} })

/**
 * Order and favourites of a wallet, the same on all devices of the person.
 *
 * @param base of the wallet at the gateway, such as `/citizen/wallet`.
 * @param owner whose session it is; empty for nobody.
 */
export function useArrangement(base: () => string, owner: () => string) {
  const notice = useNotice()
  const saving = ref(false)
  /** Changes when somebody else logs in or another wallet is opened, while an answer is on its way. */
  const whose = () => `${owner()} ${base()}`
  const now = computed<Arrangement>(() => (shelf.owner === owner() ? (shelf.wallets[base()] ?? NONE) : NONE))

  function take(found: Arrangement): void {
    if (shelf.owner !== owner()) Object.assign(shelf, { owner: owner(), wallets: {} })
    shelf.wallets[base()] = found
    writeStored(KEPT_ARRANGEMENTS, shelf)
  }

  async function fetchAgain(): Promise<void> {
    if (!owner()) return
    const kept = readStored<typeof shelf>(KEPT_ARRANGEMENTS)
    if (shelf.owner !== owner() && kept?.owner === owner()) Object.assign(shelf, kept)
    const of = whose()
    try {
      const found = await api.get<Arrangement>(`${base()}/arrangement`)
      if (of === whose()) take(found)
    } catch {
      // What was known is shown on.
    }
  }

  /** Shown at once; taken back where it could not be kept. */
  async function change(wanted: Arrangement): Promise<void> {
    const before = now.value
    const of = whose()
    take(wanted)
    saving.value = true
    try {
      await api.put<Arrangement>(`${base()}/arrangement`, wanted)
    } catch (thrown) {
      if (of === whose()) take(before)
      notice.say(asProblem(thrown).detail)
    } finally {
      saving.value = false
    }
  }

  return {
    arrangement: now,
    saving,
    fetchAgain,
    inOrder: (cards: LicenceCard[]) => arranged(cards, now.value),
    isFavourite: (id: string) => now.value.favourites.includes(id),
    toggle: (id: string) => change(toggled(now.value, id)),
    move: (cards: LicenceCard[], id: string, by: number) => change(moved(arranged(cards, now.value), now.value, id, by)),
  }
}
