import { isH5 } from '@/platform'

/** Where somebody is, GCJ-02, to about a hundred metres: no list of places needs it closer. */
export interface Spot {
  latitude: number
  longitude: number
}

const AXIS = 6378245
const ECCENTRICITY = 0.00669342162296594323
const PLACES = 1000

function bend(x: number, y: number): [number, number] {
  const { sin, sqrt, abs, PI } = Math
  const wave = ((20 * sin(6 * x * PI) + 20 * sin(2 * x * PI)) * 2) / 3
  const down =
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + wave +
    ((20 * sin(y * PI) + 40 * sin((y / 3) * PI)) * 2) / 3 + ((160 * sin((y / 12) * PI) + 320 * sin((y * PI) / 30)) * 2) / 3
  const across =
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + wave +
    ((20 * sin(x * PI) + 40 * sin((x / 3) * PI)) * 2) / 3 + ((150 * sin((x / 12) * PI) + 300 * sin((x / 30) * PI)) * 2) / 3
  return [down, across]
}

/** A browser measures in WGS-84; maps in China, and our places, are in GCJ-02, up to 700 m beside. */
export function toGcj(latitude: number, longitude: number): Spot {
  if (longitude < 72 || longitude > 137.9 || latitude < 0.8 || latitude > 55.9) return { latitude, longitude }
  const [down, across] = bend(longitude - 105, latitude - 35)
  const angle = (latitude / 180) * Math.PI
  const magic = 1 - ECCENTRICITY * Math.sin(angle) ** 2
  const root = Math.sqrt(magic)
  return {
    latitude: latitude + (down * 180) / (((AXIS * (1 - ECCENTRICITY)) / (magic * root)) * Math.PI),
    longitude: longitude + (across * 180) / ((AXIS / root) * Math.cos(angle) * Math.PI),
  }
}

function rounded(spot: Spot): Spot {
  return { latitude: Math.round(spot.latitude * PLACES) / PLACES, longitude: Math.round(spot.longitude * PLACES) / PLACES }
}

/** Ask the device once; null when the person or the device does not say. Nothing is kept. */
export function whereAmI(): Promise<Spot | null> {
  return new Promise((resolve) => {
    if (isH5) {
      if (!navigator.geolocation) return resolve(null)
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => resolve(rounded(toGcj(coords.latitude, coords.longitude))),
        () => resolve(null),
        { timeout: 8000, maximumAge: 60_000 },
      )
      return
    }
    uni.getLocation({ type: 'gcj02', success: (found) => resolve(rounded(found)), fail: () => resolve(null) })
  })
}
