// Copyright (c) The terraform-provider-smartconnect authors
// SPDX-License-Identifier: MPL-2.0

// Command plot draws the CSV on its standard input as bars, into the SVG that it is given the name of.
// The first line has names: of the plots' titles, the groups of bars, and what the bars of a group
// stand for. Lines with the same title make a plot, side by side with the others.
//
// It is a module of its own, so that what draws is not in the product's go.mod.
package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"image/color"
	"io"
	"os"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

func main() {
	if err := run(os.Args[1:], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// The bars of a group differ in brightness too.
var colours = []color.Color{color.RGBA{R: 0x1f, G: 0x4e, B: 0x9c, A: 0xff}, color.RGBA{R: 0xb9, G: 0xc4, B: 0xd6, A: 0xff}}

const (
	width, height = 640, 280
	barWidth      = 28
)

func run(args []string, in io.Reader) error {
	if len(args) != 1 {
		return errors.New("usage: plot FILE.svg <FILE.csv")
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err != nil {
		return err
	}
	const text = 2 // columns
	if len(rows) < 2 || len(rows[0]) != text+len(colours) {
		return fmt.Errorf("there are %d lines, expected a heading of %d columns and more", len(rows), text+len(colours))
	}
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	heading, rows := rows[0], rows[1:]
	var plots []*plot.Plot
	for len(rows) > 0 {
		count := 1
		for count < len(rows) && rows[count][0] == rows[0][0] {
			count++
		}
		p, err := bars(heading[text:], rows[:count], text)
		if err != nil {
			return err
		}
		p.Title.Text, p.Y.Label.Text = rows[0][0], heading[1]
		plots, rows = append(plots, p), rows[count:]
	}
	canvas := vgsvg.New(vg.Points(width), vg.Points(height))
	tiles := draw.Tiles{Rows: 1, Cols: len(plots), PadX: vg.Points(20), PadRight: vg.Points(8), PadTop: vg.Points(4)}
	for i, c := range plot.Align([][]*plot.Plot{plots}, tiles, draw.New(canvas))[0] {
		plots[i].Draw(c)
	}
	file, err := os.Create(args[0])
	if err != nil {
		return err
	}
	_, err = canvas.WriteTo(file)
	return errors.Join(err, file.Close())
}

// bars draws a group for each row.
func bars(names []string, rows [][]string, text int) (*plot.Plot, error) {
	p := plot.New()
	p.Legend.Top = true
	groups := make([]string, len(rows))
	for i, name := range names {
		values := make(plotter.Values, len(rows))
		for k, row := range rows {
			groups[k] = row[1]
			var err error
			if values[k], err = strconv.ParseFloat(row[text+i], 64); err != nil {
				return nil, err
			}
		}
		chart, err := plotter.NewBarChart(values, vg.Points(barWidth))
		if err != nil {
			return nil, err
		}
		chart.Color, chart.LineStyle.Width = colours[i], 0
		chart.Offset = vg.Points(barWidth * (float64(i) - float64(len(names)-1)/2))
		p.Add(chart)
		p.Legend.Add(name, chart)
	}
	p.Y.Min = 0
	p.Y.Max *= 1.25 // room for the legend
	p.Y.Tick.Marker = plot.TickerFunc(wholeTicks)
	p.NominalX(groups...)
	return p, nil
}

// wholeTicks are the default ones, with labels that have no decimals.
func wholeTicks(lowest, highest float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(lowest, highest)
	for i := range ticks {
		if !ticks[i].IsMinor() {
			ticks[i].Label = strconv.FormatFloat(ticks[i].Value, 'f', 0, 64)
		}
	}
	return ticks
}
