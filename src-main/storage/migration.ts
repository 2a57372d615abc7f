/** One numbered step of the schema. */
export interface Migration {
  readonly number: number;
  readonly statements: readonly string[];
}
