/** One measured value. */
export interface BenchRow {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The same measured on what it is compared with, in the same unit. */
  readonly reference?: number
  /** `value / reference`. */
  readonly ratio?: number
  /** What was aimed at, in words: `>= 0.8x`, `<= 15 ms`. */
  readonly goal?: string
}
