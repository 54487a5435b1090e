/** `ceph.conf` of a cluster of one monitor, one store in memory and one gateway, on the loopback alone. */
export interface CephPlace {
  readonly directory: string;
  readonly monitorPort: number;
  readonly gatewayPort: number;
  /** UUID of the cluster. */
  readonly fsid: string;
}

export const cephConfiguration = (place: CephPlace): string => `[global]
fsid = ${place.fsid}
mon_host = [v2:127.0.0.1:${place.monitorPort}/0]
ms_bind_msgr1 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = cephx
auth_service_required = cephx
auth_client_required = cephx
auth_allow_insecure_global_id_reclaim = false
keyring = ${place.directory}/keyring

# One copy of everything, in memory, and nobody to ask for more.
osd_objectstore = memstore
memstore_device_bytes = 4294967296
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_memory_target = 939524096
mon_allow_pool_size_one = true
mon_max_pool_pg_num = 64
mon_data_avail_warn = 1
mon_data_avail_crit = 1
paxos_propose_interval = 0.02
paxos_min_wait = 0.005

run_dir = ${place.directory}/run
admin_socket = ${place.directory}/run/$name.asok
pid_file = ${place.directory}/run/$name.pid
log_file = ${place.directory}/log/$name.log
mon_data = ${place.directory}/mon
osd_data = ${place.directory}/osd
rgw_data = ${place.directory}/rgw

rgw_frontends = beast endpoint=127.0.0.1:${place.gatewayPort} tcp_nodelay=1
rgw_dns_name = localhost
rgw_enable_apis = s3, admin
rgw_enable_usage_log = false
rgw_dynamic_resharding = false
rgw_thread_pool_size = 64
rgw_crypt_require_ssl = false
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = key-1=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=
`;
