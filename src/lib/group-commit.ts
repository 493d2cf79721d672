/**
 * Joins calls that come while a write is under way into the next write: a lone call pays one commit, under load many
 * share one.
 * @param write One result for each item, in their order. When it throws for several, each is written by itself, so that
 * a refused item does not fail the others.
 */
export function createGroupCommit<Item, Result>(
  most: number,
  write: (items: Item[]) => Promise<Result[]>,
): (item: Item) => Promise<Result> {
  interface Waiting {
    item: Item;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let writing = false;

  const writeThese = async (batch: Waiting[]): Promise<void> => {
    const results = await write(batch.map(({ item }) => item));
    for (const [i, one] of batch.entries()) one.resolve(results[i] as Result);
  };
  const writeAll = async (): Promise<void> => {
    writing = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, most);
      try {
        await writeThese(batch);
      } catch (error) {
        if (batch.length === 1) batch[0]?.reject(error);
        else for (const one of batch) await writeThese([one]).catch(one.reject);
      }
    }
    writing = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!writing) void writeAll();
    });
}
