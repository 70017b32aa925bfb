import { computed } from 'vue'
import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Level, Wallet } from '@/api/types'
import { readStored, writeStored } from '@/lib/storage'
import { KEPT_WALLET, useSession } from '@/stores/session'
import { dropEnded } from './kept'
import { usePersonalLoad } from './load'

const NEW_ENOUGH_MS = 60_000
const WALLET_LEVEL: Level = 3

/** A refusal that is known without asking, so that no request is sent only to be refused. */
export function refusal(level: Level | null, needed: Level): Problem | null {
  if (level === null) return new Problem({ status: 401, code: 'identity.session_missing' })
  if (level < needed) return new Problem({ status: 403, code: 'identity.level_too_low', required_level: needed })
  return null
}

interface KeptWallet {
  owner: string
  wallet: Wallet
}

/** The last known wallet, every card of it marked as old; nothing of somebody else's. */
function lastKnown(owner: string): Wallet | null {
  const kept = readStored<KeptWallet>(KEPT_WALLET)
  if (!kept || kept.owner !== owner) return null
  return { ...kept.wallet, items: kept.wallet.items.map((card) => ({ ...card, freshness: 'stale' })) }
}

/** The wallet of the person who is logged in, asked for again when their level has changed. */
export function useWallet() {
  const session = useSession()
  let loadedAt = 0
  let loadedFor = ''

  const { data, problem, loading, load } = usePersonalLoad(async () => {
    const refused = refusal(session.level.value, WALLET_LEVEL)
    if (refused) throw refused
    return api.get<Wallet>('/citizen/wallet')
  })
  const owner = computed(() => (session.loggedIn.value ? `${session.state.person?.id ?? ''}:${session.level.value}` : ''))

  /** Load unless the same person's wallet was loaded a moment ago. */
  async function show(force = false): Promise<void> {
    const same = owner.value === loadedFor
    if (!same) data.value = null
    if (!force && same && data.value && Date.now() - loadedAt < NEW_ENOUGH_MS) return
    loadedFor = owner.value
    await load()
    loadedAt = Date.now()
    if (!owner.value || owner.value !== loadedFor) return
    // Numbers in it are masked as the gateway masked them; it goes when the session ends.
    if (data.value && !problem.value) {
      writeStored(KEPT_WALLET, { owner: loadedFor, wallet: data.value })
      dropEnded({ person: session.state.person?.id ?? '' }, data.value)
    } else if (!data.value && problem.value?.offline) data.value = lastKnown(loadedFor)
  }

  return { data, problem, loading, show }
}
