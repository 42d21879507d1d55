package hornet

import (
	"encoding/json"
	"strconv"

	"github.com/vauban-verifier/vauban/reports/notary"
)

// There are tokenSupply tokens. A network for records needs none; identities take some, so all but treasury are the faucet's, whose key lies beside those of the coordinators.
const (
	tokenSupply = 1_000_000_000_000
	treasury    = 1_000_000_000
)

// hrp is what addresses of the network begin with.
const hrp = "tst"

// Names of files, relative to the directory in which the node runs.
const (
	configFile   = "config.json"
	protocolFile = "protocol.json"
	snapshotFile = "snapshots/full_snapshot.bin"
	databaseDir  = "database"
	stateFile    = "bootstrap.json"
)

type object map[string]any

// protocolParameters are those of the network. The least proof of work keeps notarizing cheap; what holds spam off is that the node listens to
// this machine alone.
func protocolParameters(network string) ([]byte, error) {
	return json.MarshalIndent(object{
		"version": 2, "networkName": network, "bech32HRP": hrp, "minPoWScore": 1, "belowMaxDepth": 15,
		"rentStructure": object{"vByteCost": 500, "vByteFactorData": 1, "vByteFactorKey": 10},
		"tokenSupply":   strconv.Itoa(tokenSupply),
	}, "", "  ")
}

// config is the configuration of the one node. Whatever would talk to the world outside of this machine is off.
func config(trust *notary.Trust, address string) ([]byte, error) {
	var keys []object
	for _, k := range trust.Keys {
		keys = append(keys, object{"key": k.Key, "start": k.Start, "end": k.End})
	}
	off := object{"enabled": false}
	return json.MarshalIndent(object{
		"app":    object{"checkForUpdates": false},
		"node":   object{"profile": "light"},
		"logger": object{"level": "info", "outputPaths": []string{"stdout"}},
		"protocol": object{
			"targetNetworkName": trust.Network, "milestonePublicKeyCount": trust.Threshold, "publicKeyRanges": keys,
			"baseToken": object{"name": "None", "tickerSymbol": "NONE", "unit": "NONE", "subunit": "none", "decimals": 0, "useMetricPrefix": false},
		},
		"db": object{"engine": "pebble", "path": databaseDir},
		"p2p": object{
			"bindMultiAddresses": []string{"/ip4/127.0.0.1/tcp/0"}, "db": object{"path": "peers"},
			"autopeering": object{"enabled": false, "entryNodes": []string{}},
		},
		"snapshots": object{"enabled": false, "fullPath": snapshotFile, "deltaPath": "snapshots/delta_snapshot.bin", "downloadURLs": []string{}},
		"pruning":   object{"milestones": off, "size": off},
		"restAPI": object{
			"enabled": true, "bindAddress": address, "publicRoutes": []string{"/health", "/api/*"}, "protectedRoutes": []string{},
			"pow": object{"enabled": true, "workerCount": 1},
		},
		"inx": off, "prometheus": off, "profiling": off, "debug": off, "warpsync": off,
	}, "", "  ")
}
