import { api } from '@/api/client'
import type { Draft } from '@/api/caseTypes'
import type { LicenceCard, Wallet } from '@/api/types'

/** The licences of whom the application is for. */
export async function licencesFor(draft: Draft): Promise<LicenceCard[]> {
  const id = encodeURIComponent(draft.for_id)
  if (draft.for_kind === 'enterprise') return (await api.get<Wallet>(`/enterprise/enterprises/${id}/wallet`)).items
  if (draft.for_kind === 'self') return (await api.get<Wallet>('/citizen/wallet')).items
  return (await api.get<Wallet>(`/citizen/family/${id}/wallet`)).items
}
