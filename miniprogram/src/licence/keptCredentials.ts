import { api } from '@/api/client'
import { Problem } from '@/api/problem'
import type { CredentialAnswer, Fact } from '@/api/types'
import { b64 } from '@/lib/bytes'
import { secretBytes } from '@/lib/device'
import { dropStored, readStored, writeStored } from '@/lib/storage'
import { KEPT_CREDENTIALS, useSession } from '@/stores/session'
import { publicJwk } from './presenting'

/** A licence as this phone keeps it for the time without a network. */
export interface Kept {
  licenceId: string
  name: string
  credential: string
  facts: Fact[]
  expiresAt: string
  renewAfter: string
  keptAt: string
  /** The private key to which the credential is bound; it never leaves this phone. */
  secret: string
}

interface Shelf {
  owner: string
  items: Kept[]
}

function owner(): string {
  const session = useSession()
  return session.loggedIn.value ? (session.state.person?.id ?? '') : ''
}

/** What the person who is logged in has kept here and what has not run out. */
export function keptCredentials(now: number = Date.now()): Kept[] {
  const shelf = readStored<Shelf>(KEPT_CREDENTIALS)
  if (!shelf || !owner() || shelf.owner !== owner()) return []
  return shelf.items.filter((one) => Date.parse(one.expiresAt) > now)
}

function write(items: Kept[]): void {
  if (items.length === 0) dropStored(KEPT_CREDENTIALS)
  else writeStored(KEPT_CREDENTIALS, { owner: owner(), items })
}

export function dropCredential(licenceId: string): void {
  write(keptCredentials().filter((one) => one.licenceId !== licenceId))
}

/** Fetch a credential bound to a new key, and keep both. */
export async function fetchCredential(licenceId: string, name: string): Promise<Kept> {
  const asked = owner()
  const secret = await secretBytes(32)
  if (!secret) throw new Problem({ status: -1, code: 'client.no_random', detail: '这台手机的微信版本太旧，请更新微信后再试。' })
  const answer = await api.post<CredentialAnswer>('/citizen/presentations/credentials', { licence_id: licenceId, holder_key: publicJwk(secret) })
  const kept: Kept = {
    licenceId,
    name,
    credential: answer.credential,
    facts: answer.facts,
    expiresAt: answer.expires_at,
    renewAfter: answer.renew_after,
    keptAt: new Date().toISOString(),
    secret: b64(secret),
  }
  // Somebody else has logged in meanwhile: nothing of one person is kept for another.
  if (asked === owner()) write([...keptCredentials().filter((one) => one.licenceId !== licenceId), kept])
  return kept
}
