import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import type { Level, Wallet } from '@/api/types'
import { KEPT_WALLET, useSession } from '@/stores/session'
import { dropEnded } from './kept'
import { useKeptLoad, type Shelf } from './keptLoad'

const WALLET_LEVEL: Level = 3

/** Numbers in it are masked as the gateway masked them; every card that was kept is marked as old. */
const SHELF: Shelf<Wallet> = {
  key: KEPT_WALLET,
  recall: (wallet) => ({ ...wallet, items: wallet.items.map((card) => ({ ...card, freshness: 'stale' })) }),
}

/** A refusal that is known without asking, so that no request is sent only to be refused. */
export function refusal(level: Level | null, needed: Level): Problem | null {
  if (level === null) return new Problem({ status: 401, code: 'identity.session_missing' })
  if (level < needed) return new Problem({ status: 403, code: 'identity.level_too_low', required_level: needed })
  return null
}

/** The wallet of the person who is logged in, asked for again when their level has changed. */
export function useWallet() {
  const session = useSession()
  return useKeptLoad(SHELF, async () => {
    const refused = refusal(session.level.value, WALLET_LEVEL)
    if (refused) throw refused
    const person = session.state.person?.id ?? ''
    const wallet = await api.get<Wallet>('/citizen/wallet')
    dropEnded({ person }, wallet)
    return wallet
  })
}
