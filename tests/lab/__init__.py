"""The lab: five nodes as network namespaces in three zones, with everything around them that an image pull meets.

May live here: what brings the lab up and down (`lab.py` and the modules that it uses), the faults (one file each in
`faults/`), and the tests over them. Everything is real: containerd, podman, DNS servers, registries, TLS from the lab's
own CA, agents and the aggregator. All of it runs inside network namespaces whose names begin with `psl-`, so that
whatever a killed lab left behind is found by these names.

    psl-svc          10.99.0.1   the aggregator, at the bridge
                     10.99.0.2   knot, 10.99.0.3 dnsmasq; 10.99.0.4 a knot whose zone is broken
                     10.99.0.10  registry.lab, 10.99.0.11 auth.lab (its token service)
                     10.99.0.20  images.lab, 10.99.0.21 blobs.lab (where images.lab redirects for blobs)
    psl-node-N       10.99.1.N   node-1 and node-2 in zone a, node-3 and node-4 in zone b, node-5 in zone c
"""
