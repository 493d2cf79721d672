/**
 * The retention guard: fine-tuning may cost some of what the base model could do, but not all of it. A run whose
 * loss on general text rose by more than this (nats a token) cannot win, however well it does on the task. On the
 * embedded model, runs that keep their ability lie below +0.45, and the first that lose it at +1.19.
 */
export const maxGeneralLossRise = 0.6;

export function forgotTooMuch(generalLoss: number | null, baseGeneralLoss: number | null): boolean {
  return generalLoss !== null && baseGeneralLoss !== null && generalLoss - baseGeneralLoss > maxGeneralLossRise;
}
