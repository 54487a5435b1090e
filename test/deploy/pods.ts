/** Reads the pods of deploy/kubernetes: user, environment, mounts and command. */
import { chmod, chown, cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { deploy, readImage } from './image.ts';
import type { Mount, Sandbox } from './sandbox.ts';

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly emptyDir?: object;
}

interface Workload {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly securityContext: {
          readonly runAsUser: number;
          readonly runAsGroup: number;
          readonly fsGroup: number;
        };
        readonly containers: readonly {
          readonly args: readonly string[];
          readonly env?: readonly { readonly name: string; readonly value: string }[];
          readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
          readonly volumeMounts: readonly {
            readonly name: string;
            readonly mountPath: string;
            readonly readOnly?: boolean;
          }[];
        }[];
        readonly volumes: readonly Volume[];
      };
    };
  };
}

export const podFile = (name: string): Promise<string> =>
  readFile(join(deploy, 'kubernetes', name), 'utf8');

async function workload(name: string): Promise<Workload> {
  const { resources } = parse(await podFile('kustomization.yaml')) as { resources: string[] };
  const texts = await Promise.all(resources.map(podFile));
  const objects = texts.flatMap((text) =>
    parseAllDocuments(text).map((one) => one.toJS() as Workload),
  );
  const found = objects.find(
    ({ kind, metadata }) => ['Deployment', 'StatefulSet'].includes(kind) && metadata.name === name,
  );
  if (found === undefined) throw new Error(`deploy/kubernetes has no ${name}`);
  return found;
}

/** `places` maps each claim, secret and config map to a path on this host. */
export async function pod(name: string, places: (of: string) => string): Promise<Sandbox> {
  const { spec } = (await workload(name)).spec.template;
  const [container] = spec.containers;
  if (container === undefined) throw new Error(`${name} has no container`);
  const { env, entrypoint } = await readImage();
  const own = Object.fromEntries((container.env ?? []).map((one) => [one.name, one.value]));
  const mounts = container.volumeMounts.map(({ name: volume, mountPath, readOnly }): Mount => {
    const found = spec.volumes.find((one) => one.name === volume);
    if (found?.emptyDir !== undefined) return `tmpfs:${mountPath}`;
    const of =
      found?.persistentVolumeClaim?.claimName ??
      found?.secret?.secretName ??
      found?.configMap?.name;
    if (of === undefined) throw new Error(`${name} has no volume ${volume}`);
    const isReadOnly = readOnly === true || found?.persistentVolumeClaim === undefined;
    return `${isReadOnly ? 'ro' : 'rw'}:${places(of)}:${mountPath}`;
  });
  return {
    uid: spec.securityContext.runAsUser,
    gid: spec.securityContext.runAsGroup,
    env: { ...env, ...own },
    mounts,
    readOnlyRoot: container.securityContext.readOnlyRootFilesystem,
    command: [...entrypoint, ...container.args],
  };
}

/** Lays out a config map or secret as the kubelet does: each key is a symbolic link to a file of the pod's group. */
export async function projected(
  path: string,
  files: Readonly<Record<string, string>>,
  group: number,
) {
  const data = join(path, '..data');
  await mkdir(data, { recursive: true });
  for (const [name, from] of Object.entries(files)) {
    await cp(from, join(data, name));
    await chown(join(data, name), 0, group);
    await chmod(join(data, name), 0o640);
    await symlink(`..data/${name}`, join(path, name));
  }
}
