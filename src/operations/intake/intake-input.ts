import type { IntakeEntry } from '../../campaign/intake-entry.ts';
import type { Engine } from '../../executor/engine.ts';
import type { DataCatalog } from '../../recipe/types.ts';
import type { IntakeInput } from '../../researcher/port.ts';

/** The context in which a request is read, besides its messages. */
export interface IntakeGround {
  engine: Pick<Engine, 'baseModels' | 'supports' | 'gpus' | 'hardware'>;
  catalog: Pick<DataCatalog, 'tasks'>;
  settings: { usdPerHour: number | null; slots: number };
}

/** The conversation as the Researcher reads it. `now` is the moment of the request, `timeZone` the person's. */
export function intakeInput(
  { engine, catalog, settings }: IntakeGround,
  said: { entries: IntakeEntry[]; now: Date; timeZone: string; seed: number },
): IntakeInput {
  return {
    ...said,
    tasks: catalog.tasks(),
    baseModels: engine.baseModels,
    supports: engine.supports,
    usdPerHour: settings.usdPerHour,
    gpusPerSlot: engine.gpus ?? 1,
    gpu: /^\d+x(.+)$/.exec(engine.hardware ?? '')?.[1] ?? null,
    slots: settings.slots,
  };
}
