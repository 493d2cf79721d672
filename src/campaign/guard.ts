/**
 * The retention guard: fine-tuning may cost some abilities of the base model, but not all of them. A run whose loss on
 * general text rose by more than this (nats a token) cannot win, however well it does on the task. On the embedded
 * model (base 0.57) one pass of the date mix gives 0.70 at a rate of 5e-4, 1.03 at 1e-3 and 6.21 at 3e-3; two passes in
 * batches of 8 lie near 1.4.
 */
export const maxGeneralLossRise = 1;

export function exceedsForgettingLimit(generalLoss: number | null, baseGeneralLoss: number | null): boolean {
  return (
    generalLoss !== null && baseGeneralLoss !== null && generalLoss - baseGeneralLoss > maxGeneralLossRise
  );
}
