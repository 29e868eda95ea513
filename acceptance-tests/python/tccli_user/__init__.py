"""A user of `tccli`, the cloud's official command line, against a running simulator: unpatched, as its own package has it.

Each test is a claim about what the user types and reads, mistakes included. By hand, against any simulator:

    cd acceptance-tests/python
    CLB_ENDPOINT=http://127.0.0.1:9000 TENCENTCLOUD_SECRET_ID=... TENCENTCLOUD_SECRET_KEY=... \
        TENCENTCLOUD_REGION=ap-guangzhou python -m tccli_user.journey
"""
