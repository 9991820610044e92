\set aid random(1, 100000 * :scale)
SELECT abalance, pg_sleep(0.002) FROM pgbench_accounts WHERE aid = :aid;
