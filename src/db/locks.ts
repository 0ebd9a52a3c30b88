/** Advisory locks, each for one thing that happens once whatever the number of instances. */
export const LOCKS = {
  migrate: 4_711_001,
  rotateKeys: 4_711_002,
  seed: 4_711_003,
  // 4_711_004 is taken by users_last_admin, in migrations/0011_administration.sql.
  firstAdmin: 4_711_005,
}
