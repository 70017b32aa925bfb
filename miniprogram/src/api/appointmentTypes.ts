/** Answers of the gateway about places and bookings. */

export interface Opening {
  open_now: boolean
  closes_at: string | null
  opens_at: string | null
  /** By announcement; may be empty. */
  why_closed: string
}

export interface ServicePlace {
  code: string
  name: string
  kind: string
  kind_name: string
  region_code: string
  where: string
  address: string
  phone: string
  /** GCJ-02. */
  latitude: number
  longitude: number
  /** As the crow flies; null when nobody said from where. */
  distance_km: number | null
  opening: Opening
  next_free: string | null
  accessibility: string[]
}

export interface PlacePage {
  items: ServicePlace[]
  next_cursor: string | null
  total: number
}

export interface Span {
  opens: string
  closes: string
}

export interface PlaceDetail extends ServicePlace {
  transport: string
  hours: { workdays: Span[]; saturday: Span[]; sunday: Span[] }
  closures: { first: string; last: string; why: string }[]
  days_ahead: number
  cancel_minutes: number
  counters: { number: string; name: string }[]
  items: { code: string; name: string }[]
}

export interface BookTime {
  starts_at: string
  ends_at: string
  left: number
}

export interface BookDay {
  day: string
  left: number
  times: BookTime[]
}

export interface Appointment {
  id: string
  state: string
  state_name: string
  /** Still to come. */
  live: boolean
  kind: string
  /** Of who comes, masked. */
  name: string
  /** To show as a QR code or say; empty when it is over. */
  code: string
  item_code: string
  item_name: string
  place: string
  place_name: string
  address: string
  phone: string
  counter: string
  day: string
  starts_at: string
  ends_at: string
  cancel_until: string
  cancellable: boolean
  /** Waiting number; empty before the code was scanned. */
  number: string
  ahead: number | null
}

export interface AppointmentPage {
  items: Appointment[]
  next_cursor: string | null
}

export interface Standing {
  times: number
  period_days: number
  blocked_days: number
  missed: number
  blocked_until: string | null
}
