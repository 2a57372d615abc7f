/** Numbers from 0 to 1 that look random and are always the same (Park and Miller's generator). */
export function lehmer(): () => number {
  let state = 7;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
