import { usePersonalLoad, type Load } from '@/composables/load'
import { refusal } from '@/composables/wallet'
import { useSession } from '@/stores/session'

/**
 * Licences are of people whose name and number are proven; who acts for a company shows their face
 * too, or its electronic licence: that the gateway knows.
 */
const NEEDED = 3

/** Something of the person that needs a proven identity: nothing is asked that would be refused. */
export function useLentList<T>(ask: () => Promise<T>): Load<T> {
  const session = useSession()
  return usePersonalLoad(async () => {
    const refused = refusal(session.level.value, NEEDED)
    if (refused) throw refused
    return ask()
  })
}
