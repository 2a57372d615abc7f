/** Makes this machine one more coordinator of an organization; none may run in `dataDir`, which must be empty. */
export { joinWithBundle as joinCoordinator } from '../coordinator/cluster/key-bundle.ts';
