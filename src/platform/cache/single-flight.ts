/** Work that is under way in this process already is joined instead of being begun again. */
export class SingleFlight {
  private readonly flights = new Map<string, Promise<unknown>>();

  /** What comes of `work`, or of the work begun under the same key that has not ended yet; its failure included. */
  join<T>(key: string, work: () => Promise<T>): Promise<T> {
    const underWay = this.flights.get(key) as Promise<T> | undefined;
    if (underWay) return underWay;
    const flight = work().finally(() => this.flights.delete(key));
    this.flights.set(key, flight);
    return flight;
  }
}
